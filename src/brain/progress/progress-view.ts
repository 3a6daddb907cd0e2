/** How far a batch is, for whoever watches it: counts, what runs, how fast it goes. Reads only. */

import { AppError, TERMINAL_TASK_STATES } from '../../contract/index.ts';
import type { BatchProgressView, GoalCounts, TaskCounts } from '../../contract/index.ts';
import { isoTime } from '../../kernel/index.ts';
import type { Clock } from '../../kernel/index.ts';
import { findBatch, listRunningTasks, paceOfBatch } from '../../store/index.ts';
import type { Store } from '../../store/index.ts';
import { countBatchTasks } from '../history/counts.ts';
import { paceOf } from './pace.ts';
import type { PaceSource } from './pace.ts';

const WINDOW_MS = 60_000;
/** Named at most; their count is in `tasks`. */
const RUNNING = 8;

export function createProgressView({ store, clock }: { readonly store: Store; readonly clock: Clock }) {
  /** Rejects with BATCH_NOT_FOUND. */
  return (batchId: string): Promise<BatchProgressView> =>
    store.read(async (db) => {
      const batch = await findBatch(db, batchId);
      const counts = (await countBatchTasks(db, [batchId])).get(batchId);
      if (!batch || !counts) throw noBatch(batchId);
      const now = clock.now();
      const done = batch.ended_at !== null;
      const recent = done ? { ended: 0, tokensOut: 0 } : await paceOfBatch(db, batchId, now - WINDOW_MS);
      const source = { now, startedAt: batch.started_at, recent: { ...recent, windowMs: WINDOW_MS } };
      const pace = paceOf(counts.goal ? towards(counts.goal, source) : { ...source, ...extentOf(counts) });
      return {
        batch_id: batchId,
        plan: batch.plan_name,
        status: batch.status,
        started_at: isoTime(batch.started_at),
        ended_at: isoTime(batch.ended_at),
        tasks: counts,
        running: done ? [] : await listRunningTasks(db, batchId, RUNNING),
        elapsed_ms: (batch.ended_at ?? now) - (batch.started_at ?? batch.created_at),
        eta_ms: done ? null : pace.etaMs,
        tokens_per_second: done ? 0 : pace.tokensPerSecond,
      };
    });
}

function extentOf(counts: TaskCounts): { readonly total: number; readonly ended: number } {
  return { total: counts.total, ended: [...TERMINAL_TASK_STATES].reduce((sum, state) => sum + counts[state], 0) };
}

/** What ended lately may have been turned down: how fast candidates are accepted, the whole run says. */
function towards({ target, accepted }: GoalCounts, source: Omit<PaceSource, 'total' | 'ended'>): PaceSource {
  return { ...source, total: target, ended: accepted, recent: { ...source.recent, ended: 0 } };
}

function noBatch(id: string): AppError {
  return new AppError('BATCH_NOT_FOUND', `there is no batch ${id}`, {
    hint: 'run "drover batch ls"',
    detail: { batch_id: id },
  });
}
