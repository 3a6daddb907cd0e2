/** What a goal-driven batch is after, so that its counts can tell candidates that were turned down from failures. */

import type { Migration } from './migration.ts';

export const goalsOfBatches: Migration = {
  version: 17,
  name: 'goals of batches',
  statements: () => [`alter table batch add column goal text`],
};
