/** A batch while it runs, as the brain keeps it: its plan, its places and what was said at its submission. */

import { join } from 'node:path';

import type { Builtins, CompiledNode, CompiledPlan, ModelWish } from '../plans/index.ts';
import { decodeJson } from '../store/index.ts';
import type { ApprovalRecord, BatchRecord } from '../store/index.ts';
import { wishesOf } from './choosing/choose-model.ts';
import { goalOf } from './templates/goal.ts';
import type { Goal } from './templates/goal.ts';
import { decodePlan } from './reading/plan-text.ts';

export interface ActiveBatch {
  readonly id: string;
  readonly plan: CompiledPlan;
  /** As compiled, with the repairs that were accepted since. */
  readonly nodes: Map<string, CompiledNode>;
  readonly builtins: Builtins;
  readonly priority: number;
  /** The submitter's environment, as far as it is passed on. */
  readonly env: Readonly<Record<string, string>>;
  readonly goal: Goal | null;
  /** What its tasks say of models that they do not name. */
  readonly wishes: readonly ModelWish[];
  /** Commands that people have allowed. */
  readonly approvals: ApprovalRecord[];
  started: boolean;
  /** Nothing new of it starts, until somebody says so. */
  paused: boolean;
  /** Killed: nothing of it starts again. */
  cancelling: boolean;
}

interface NewActiveBatch {
  readonly id: string;
  readonly plan: CompiledPlan;
  readonly folder: { readonly path: string };
  readonly path: string;
  readonly priority: number;
  readonly env: Readonly<Record<string, string>>;
}

export function newActiveBatch({ id, plan, folder, path, priority, env }: NewActiveBatch): ActiveBatch {
  const builtins = { batchId: id, planPath: folder.path, batchPath: path };
  return {
    id,
    plan,
    nodes: new Map(plan.nodes.map((node) => [node.name, node])),
    builtins,
    priority,
    env,
    goal: goalOf(plan),
    wishes: wishesOf(plan),
    approvals: [],
    started: false,
    paused: false,
    cancelling: false,
  };
}

/** A stored batch as it was. */
export function toActiveBatch(row: BatchRecord, compiled: string): ActiveBatch {
  const fresh = newActiveBatch({
    id: row.id,
    plan: decodePlan(compiled),
    folder: { path: row.plan_path },
    path: row.path,
    priority: row.priority,
    env: decodeJson<Record<string, string>>(row.env),
  });
  return {
    ...fresh,
    started: row.started_at !== null,
    paused: row.status === 'paused',
    cancelling: row.cancel_requested_at !== null,
  };
}

/** `{BATCH_PATH}/logs/<task>/<attempt>`. */
export function attemptDir(batch: ActiveBatch, task: string, no: number): string {
  return join(batch.builtins.batchPath, 'logs', task, String(no));
}
