/** What a batch counts for among others: as its submission says, else `PRIORITY` of its config, as old plans have it. */

import { AppError } from '../../contract/index.ts';
import type { SubmitRequest } from '../../contract/index.ts';
import type { BatchConfig } from '../../plans/index.ts';

const PRIORITIES: ReadonlyMap<unknown, number> = new Map([
  ['low', 25],
  ['normal', 50],
  ['high', 75],
  ['urgent', 100],
]);

/** Rejects with INVALID_REQUEST a `PRIORITY` that is none. */
export function batchPriority(asked: SubmitRequest['priority'], { PRIORITY: configured }: BatchConfig): number {
  const word = asked ?? configured ?? 'normal';
  const priority = typeof word === 'number' ? word : PRIORITIES.get(word);
  if (priority !== undefined && Number.isInteger(priority) && priority >= 0 && priority <= 100) return priority;
  throw new AppError('INVALID_REQUEST', `PRIORITY ${JSON.stringify(word)} is no priority`, {
    hint: 'write low, normal, high, urgent or 0 to 100, or leave it out',
  });
}
