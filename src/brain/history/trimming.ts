/**
 * Keeps the newest runs of each plan whole and trims older ones: of those only RUN_SUMMARY.md, RUN_SUMMARY.json and the
 * row in `plan_run` stay. A run is first marked, then its tasks and its files go; a death between is made good later.
 */

import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { subject } from '../../contract/index.ts';
import { hasCode } from '../../kernel/index.ts';
import type { Log } from '../../kernel/index.ts';
import { findBatch, listRunsToTrim, listUnsweptRuns, markSwept, markTrimmed, removeTasks } from '../../store/index.ts';
import type { Store } from '../../store/index.ts';

export interface TrimmingDeps {
  readonly store: Store;
  readonly log: Log;
  /** Newest runs of each plan that are kept whole; 0: all. */
  readonly keepRuns: () => number;
}

/** Few enough that no other write waits long. */
const TASKS_PER_WRITE = 500;
const RUNS_PER_READ = 100;
const KEPT = new Set(['RUN_SUMMARY.md', 'RUN_SUMMARY.json']);

interface Trimming {
  /** Trims what is due; a call while one is under way is served by a look of its own after it. */
  trim(): Promise<void>;
}

export function createTrimming({ store, log, keepRuns }: TrimmingDeps): Trimming {
  let last: Promise<void> = Promise.resolve();

  async function trimAll(): Promise<void> {
    for (const { batch_id: id } of await store.read(listUnsweptRuns)) await sweep(id);
    const keep = keepRuns();
    if (keep === 0) return;
    for (let trimmed = 1; trimmed > 0;) {
      trimmed = 0;
      for (const { batch_id: id } of await store.read((db) => listRunsToTrim(db, keep, RUNS_PER_READ))) {
        if (!(await begin(id, keep))) continue;
        await sweep(id);
        trimmed += 1;
      }
    }
  }

  /** False for a batch that runs again. */
  function begin(batchId: string, kept: number): Promise<boolean> {
    return store.write(async (tx) => {
      const marked = await markTrimmed(tx, batchId);
      if (marked) tx.record({ type: 'batch.trimmed', subject: subject.batch(batchId), data: { kept } });
      return marked;
    });
  }

  async function sweep(batchId: string): Promise<void> {
    while ((await store.write((tx) => removeTasks(tx, batchId, TASKS_PER_WRITE))) === TASKS_PER_WRITE);
    const batch = await store.read((db) => findBatch(db, batchId));
    if (batch) await removeFiles(batch.path, batchId);
    await store.write((tx) => markSwept(tx, batchId));
    log.info({ batch: batchId }, 'an old run was trimmed');
  }

  return {
    trim() {
      last = last.then(trimAll).catch((error: unknown) => log.error({ err: error }, 'old runs could not be trimmed'));
      return last;
    },
  };
}

/** Everything but the summaries; of nothing but a batch folder. */
async function removeFiles(folder: string, batchId: string): Promise<void> {
  if (basename(folder) !== batchId || basename(dirname(folder)) !== 'history') return;
  const names = await readdir(folder).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  });
  for (const name of names) if (!KEPT.has(name)) await rm(join(folder, name), { recursive: true, force: true });
}
