/** Makes the rows of a new batch, in the turn that also hands out its first tasks. */

import { createHash } from 'node:crypto';

import { subject } from '../contract/index.ts';
import type { CompiledDependency, CompiledNode, CompiledPlan } from '../plans/index.ts';
import { encodeJson, insertBatch, insertEdges, insertTasks, nextTaskId, savePlanVersion } from '../store/index.ts';
import type { InsertBatchResult, NewEdge } from '../store/index.ts';
import { newActiveBatch } from './active-batch.ts';
import { releaseNow } from './apply-release.ts';
import { toNewTask } from './new-task.ts';
import type { EdgeCondition } from './release.ts';
import type { Turn } from './turn.ts';

/** A compiled plan whose batch folder has been made. */
export interface Admission {
  readonly id: string;
  readonly plan: CompiledPlan;
  readonly folder: { readonly path: string; readonly digest: string };
  /** `PLAN/history/BATCH`. */
  readonly path: string;
  readonly priority: number;
  readonly config: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string>>;
  readonly idempotencyKey: string | null;
}

export type AdmissionResult = InsertBatchResult;

export async function admit(turn: Turn, admission: Admission): Promise<AdmissionResult> {
  const { id, plan, folder, path, priority, config, env, idempotencyKey } = admission;
  const compiled = encodeJson(plan);
  const digest = versionDigest(folder.digest, compiled);
  await savePlanVersion(turn.tx, { digest, name: plan.name, compiled });
  const version = { name: plan.name, digest, path: folder.path };
  const result = await insertBatch(turn.tx, { id, plan: version, path, priority, config, env, idempotencyKey });
  if (result.kind === 'inserted') await insertNodes(turn, admission);
  return result;
}

/** Names the folder's content together with the values that the plan was compiled for. */
export function versionDigest(folderDigest: string, compiled: string): string {
  return createHash('sha256').update(`${folderDigest}\n${compiled}`).digest('hex');
}

async function insertNodes(turn: Turn, admission: Admission): Promise<void> {
  const batch = newActiveBatch(admission);
  const { nodes } = admission.plan;
  const firstId = await nextTaskId(turn.tx.db);
  const ids = new Map(nodes.map(({ name }, index) => [name, firstId + index]));
  const edges = nodes.flatMap((node) => edgesOf(node, ids));
  const pending = new Map<number, number>();
  for (const { child } of edges) pending.set(child, (pending.get(child) ?? 0) + 1);
  const tasks = nodes.map((node, index) => {
    const at = firstId + index;
    return toNewTask(batch, node, {
      id: at,
      name: node.name,
      template: null,
      item: null,
      pending: pending.get(at) ?? 0,
    });
  });
  await insertTasks(turn.tx, tasks);
  await insertEdges(turn.tx, edges);
  turn.book.batches.set(batch.id, batch);
  turn.tx.record({
    type: 'batch.submitted',
    subject: subject.batch(batch.id),
    data: { plan: admission.plan.name, tasks: nodes.length, priority: admission.priority },
  });
  await releaseNow(
    turn,
    tasks.flatMap((task) => (task.pending === 0 ? [task.id] : [])),
  );
  turn.touched.add(batch.id);
}

/** Stronger first: of two edges between the same tasks the stronger is kept. */
const STRENGTH: readonly EdgeCondition[] = ['success', 'failed', 'done', 'expanded'];

function edgesOf(node: CompiledNode, ids: ReadonlyMap<string, number>): NewEdge[] {
  const child = ids.get(node.name);
  const conditions = new Map<string, EdgeCondition>();
  for (const dep of node.deps) {
    const known = conditions.get(dep.on);
    const wanted = conditionOf(dep);
    if (known === undefined || STRENGTH.indexOf(wanted) < STRENGTH.indexOf(known)) conditions.set(dep.on, wanted);
  }
  return [...conditions].flatMap(([on, condition]) => {
    const parent = ids.get(on);
    return parent === undefined || child === undefined ? [] : [{ parent, child, condition }];
  });
}

/** A template that pairs its items with another's waits only until that one's items exist. */
function conditionOf(dep: CompiledDependency): EdgeCondition {
  return dep.perItem === undefined ? dep.condition : 'expanded';
}
