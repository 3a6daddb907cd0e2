/**
 * The attempts of this host on disk: each is written before its launch and removed when its outcome is in the spool,
 * so that an agent that starts knows what an earlier one was doing. Not flushed: it guards against the agent's death;
 * after a power failure nothing runs that could be adopted.
 */

import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { AttemptRef } from '../contract/index.ts';
import { readFileIfExists, removeFile } from '../kernel/index.ts';
import { recordId, workOrderSchema } from './work-order.ts';
import type { WorkOrder } from './work-order.ts';

export interface Journal {
  open(order: WorkOrder): void;
  /** Replaces an order that is there already. */
  amend(order: WorkOrder): void;
  close(attempt: AttemptRef): void;
  /** What an earlier agent left; a torn file is a launch that never happened, and is removed. */
  list(): readonly WorkOrder[];
}

export function createJournal(dir: string): Journal {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = (attempt: AttemptRef): string => join(dir, `${recordId(attempt)}.json`);
  return {
    open: (order) => writeFileSync(path(order.attempt), JSON.stringify(order), { mode: 0o600 }),
    amend(order) {
      const file = path(order.attempt);
      writeFileSync(`${file}.new`, JSON.stringify(order), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    },
    close: (attempt) => removeFile(path(attempt)),
    list: () =>
      readdirSync(dir)
        .filter((name) => name.endsWith('.json'))
        .flatMap((name) => readOrder(join(dir, name))),
  };
}

function readOrder(path: string): readonly WorkOrder[] {
  const order = workOrderSchema.safeParse(parseJson(readFileIfExists(path) ?? ''));
  if (order.success) return [order.data];
  removeFile(path);
  return [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
