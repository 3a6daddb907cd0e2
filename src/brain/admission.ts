/** Makes the rows of a new batch, in the turn that also hands out its first tasks. */

import { subject } from '../contract/index.ts';
import type { CompiledDependency, CompiledNode } from '../plans/index.ts';
import { insertBatch, insertEdges, insertTasks, nextTaskId, savePlanVersion } from '../store/index.ts';
import type { InsertBatchResult, NewEdge, NewTask } from '../store/index.ts';
import { newActiveBatch } from './active-batch.ts';
import type { ActiveBatch } from './active-batch.ts';
import { releaseNow } from './apply-release.ts';
import { toNewTask } from './new-task.ts';
import type { PlanReading } from './reading/read-plan.ts';
import type { EdgeCondition } from './release.ts';
import type { Turn } from './turn.ts';

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
  const result = await insertBatch(turn.tx, { id, plan: version, path, priority, config, env, idempotencyKey });
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
  /** By name of the node. */
  readonly ids: ReadonlyMap<string, number>;
}

function numberNodes(nodes: readonly CompiledNode[], firstId: number): Numbered {
  return { nodes, ids: new Map(nodes.map(({ name }, index) => [name, firstId + index])) };
}

/** Notes the tasks that wait for nothing in `free`, as they are taken. */
function* tasksOf(batch: ActiveBatch, numbered: Numbered, free: number[]): Generator<NewTask> {
  for (const node of numbered.nodes) {
    const pending = edgesOf(node, numbered).length;
    const id = idOf(node.name, numbered);
    if (pending === 0) free.push(id);
    yield toNewTask(batch, node, { id, name: node.name, template: null, item: null, pending });
  }
}

function* allEdgesOf(numbered: Numbered): Generator<NewEdge> {
  for (const node of numbered.nodes) yield* edgesOf(node, numbered);
}

/** Stronger first: of two edges between the same tasks the stronger is kept. */
const STRENGTH: readonly EdgeCondition[] = ['success', 'failed', 'done', 'expanded'];

function edgesOf(node: CompiledNode, numbered: Numbered): readonly NewEdge[] {
  if (node.deps.length === 0) return NO_EDGES;
  const child = idOf(node.name, numbered);
  const conditions = new Map<string, EdgeCondition>();
  for (const dep of node.deps) {
    const known = conditions.get(dep.on);
    const wanted = conditionOf(dep);
    if (known === undefined || STRENGTH.indexOf(wanted) < STRENGTH.indexOf(known)) conditions.set(dep.on, wanted);
  }
  const edges: NewEdge[] = [];
  for (const [on, condition] of conditions) {
    const parent = numbered.ids.get(on);
    if (parent !== undefined) edges.push({ parent, child, condition });
  }
  return edges;
}

const NO_EDGES: readonly never[] = [];

function idOf(name: string, { ids }: Numbered): number {
  const id = ids.get(name);
  if (id === undefined) throw new Error(`node ${name} has no number`);
  return id;
}

/** A template that pairs its items with another's waits only until that one's items exist. */
function conditionOf(dep: CompiledDependency): EdgeCondition {
  return dep.perItem === undefined ? dep.condition : 'expanded';
}
