/** Makes the rows of a new batch, in the turn that also hands out its first tasks. */

import { subject } from '../../contract/index.ts';
import type { CompiledDependency, CompiledNode } from '../../plans/index.ts';
import { insertBatch, insertEdges, insertTasks, nextTaskId, savePlanVersion } from '../../store/index.ts';
import type { InsertBatchResult, NewEdge, NewTask } from '../../store/index.ts';
import { newActiveBatch } from '../active-batch.ts';
import type { ActiveBatch } from '../active-batch.ts';
import { releaseNow } from '../release/apply-release.ts';
import { toNewTask } from '../tasks/new-task.ts';
import type { PlanReading } from '../reading/read-plan.ts';
import { goalToStore } from '../templates/goal.ts';
import type { EdgeCondition } from '../release/release.ts';
import type { Turn } from '../turn/turn.ts';

/** A compiled plan whose batch folder has been made. */
export interface Admission {
  readonly id: string;
  readonly reading: PlanReading;
  readonly folder: { readonly path: string };
  /** `PLAN/history/BATCH`. */
  readonly path: string;
  readonly priority: number;
  readonly config: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string>>;
  readonly idempotencyKey: string | null;
}

export type AdmissionResult = InsertBatchResult;

export async function admit(turn: Turn, admission: Admission): Promise<AdmissionResult> {
  const { id, reading, folder, path, priority, config, env, idempotencyKey } = admission;
  const { plan, compiled, digest } = reading;
  await savePlanVersion(turn.tx, { digest, name: plan.name, compiled });
  const version = { name: plan.name, digest, path: folder.path };
  const row = { id, plan: version, path, priority, config, env, idempotencyKey, goal: goalToStore(plan) };
  const result = await insertBatch(turn.tx, row);
  if (result.kind === 'inserted') await insertNodes(turn, admission);
  return result;
}

async function insertNodes(turn: Turn, admission: Admission): Promise<void> {
  const { plan } = admission.reading;
  const batch = newActiveBatch({ ...admission, plan });
  const numbered = numberNodes(plan.nodes, await nextTaskId(turn.tx.db));
  const free: number[] = [];
  await insertTasks(turn.tx, tasksOf(batch, numbered, free));
  await insertEdges(turn.tx, allEdgesOf(numbered));
  turn.book.batches.set(batch.id, batch);
  turn.tx.record({
    type: 'batch.submitted',
    subject: subject.batch(batch.id),
    data: { plan: plan.name, tasks: plan.nodes.length, priority: admission.priority },
  });
  await releaseNow(turn, free);
  turn.touched.add(batch.id);
}

interface Numbered {
  readonly nodes: readonly CompiledNode[];
  /** Of the first node; the others follow. */
  readonly firstId: number;
  /** By name of the node. */
  readonly ids: ReadonlyMap<string, number>;
}

function numberNodes(nodes: readonly CompiledNode[], firstId: number): Numbered {
  return { nodes, firstId, ids: new Map(nodes.map(({ name }, index) => [name, firstId + index])) };
}

/** Notes the tasks that wait for nothing in `free`, as they are taken. */
function* tasksOf(batch: ActiveBatch, { nodes, firstId, ids }: Numbered, free: number[]): Generator<NewTask> {
  for (const [index, node] of nodes.entries()) {
    const id = firstId + index;
    const pending = edgesOf(node, id, ids).length;
    if (pending === 0) free.push(id);
    yield toNewTask(batch, node, { id, name: node.name, template: null, item: null, pending });
  }
}

function* allEdgesOf({ nodes, firstId, ids }: Numbered): Generator<NewEdge> {
  for (const [index, node] of nodes.entries()) yield* edgesOf(node, firstId + index, ids);
}

/** Stronger first: of two edges between the same tasks the stronger is kept. */
const STRENGTH: readonly EdgeCondition[] = ['success', 'failed', 'done', 'expanded'];

function edgesOf(node: CompiledNode, child: number, ids: ReadonlyMap<string, number>): readonly NewEdge[] {
  if (node.deps.length === 0) return NO_EDGES;
  const conditions = new Map<string, EdgeCondition>();
  for (const dep of node.deps) {
    const known = conditions.get(dep.on);
    const wanted = conditionOf(dep);
    if (known === undefined || STRENGTH.indexOf(wanted) < STRENGTH.indexOf(known)) conditions.set(dep.on, wanted);
  }
  const edges: NewEdge[] = [];
  for (const [on, condition] of conditions) {
    const parent = ids.get(on);
    if (parent !== undefined) edges.push({ parent, child, condition });
  }
  return edges;
}

const NO_EDGES: readonly never[] = [];

/** A template that pairs its items with another's waits only until that one's items exist. */
function conditionOf(dep: CompiledDependency): EdgeCondition {
  return dep.perItem === undefined ? dep.condition : 'expanded';
}
