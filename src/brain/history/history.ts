/** What is told of batches when they have ended: summaries, roll-ups, trimming; and of plans edited before. */

import type { PlanHistoryView, RunSummary } from '../../contract/index.ts';
import { AppError } from '../../contract/index.ts';
import type { Scope } from '../../kernel/index.ts';
import { decodeJson, listPlanRuns } from '../../store/index.ts';
import { keepSummaries } from '../summary/keep-summaries.ts';
import type { Summaries } from '../summary/keep-summaries.ts';
import { createPlanEdits } from './plan-edits.ts';
import type { PlanEditDeps } from './plan-edits.ts';
import { rollUp } from './roll-up.ts';
import { createTrimming } from './trimming.ts';
import type { TrimmingDeps } from './trimming.ts';

interface History {
  /** Takes up what a crash has left, and watches plan folders, as long as the scope is open. */
  start(scope: Scope): Promise<void>;
  /** Of a batch that has just ended. */
  tell(batchId: string): Promise<void>;
  readonly summary: Summaries['load'];
  /** Rejects with PLAN_NOT_FOUND. */
  ofPlan(name: string, limit: number): Promise<PlanHistoryView>;
}

export function createHistory(deps: PlanEditDeps & TrimmingDeps): History {
  const summaries = keepSummaries(deps);
  const edits = createPlanEdits(deps);
  const trimming = createTrimming(deps);
  return {
    async start(scope) {
      scope.run(() => edits.watch(scope.signal));
      await summaries.writeMissing();
      await trimming.trim();
    },
    async tell(batchId) {
      await edits.look(batchId);
      await summaries.write(batchId);
      await trimming.trim();
    },
    summary: (batchId) => summaries.load(batchId),
    async ofPlan(name, limit) {
      const runs = await deps.store.read((db) => listPlanRuns(db, name, limit));
      const [newest] = runs;
      if (!newest) throw noRuns(name);
      const kept = runs.map(({ summary, trimmed_at: trimmedAt }) => ({
        summary: decodeJson<RunSummary>(summary),
        trimmed: trimmedAt !== null,
      }));
      return rollUp(newest.plan, kept);
    },
  };
}

function noRuns(name: string): AppError {
  return new AppError('PLAN_NOT_FOUND', `no run of a plan "${name}" has ended`, {
    hint: 'run "drover batch ls" for what has run',
    detail: { plan: name },
  });
}
