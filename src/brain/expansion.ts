/** A template becomes its items: the list is frozen, and rows are made of it, all at once or in a window. */

import { subject } from '../contract/index.ts';
import { renderNames } from '../plans/index.ts';
import type { CompiledDependency, Expansion, ForeachItem } from '../plans/index.ts';
import {
  dropExpansionEdges,
  edgesToWaiting,
  encodeJson,
  findTasks,
  insertEdges,
  insertTasks,
  nextTaskId,
  saveManifest,
  setNextIndex,
} from '../store/index.ts';
import type { NewEdge, NewTask } from '../store/index.ts';
import type { ActiveBatch } from './active-batch.ts';
import type { Known } from './book.ts';
import { itemsToMaterialise, judgeEdge, release } from './release.ts';
import { fail } from './failing.ts';
import { claimOf } from './turn.ts';
import { applyVerdicts, releaseNow } from './apply-release.ts';
import { isEndState } from './task-codec.ts';
import { move, UNMEASURED } from './turn.ts';
import type { Turn } from './turn.ts';
import { toNewTask } from './new-task.ts';

/** A template's list has been read, or could not be. */
export async function applyList(turn: Turn, known: Known, expansion: Expansion): Promise<void> {
  if (expansion.kind === 'failed') {
    await fail(turn, known, { ...UNMEASURED, class: 'output', reason: expansion.reason, endedAt: turn.tx.now });
    return;
  }
  const reason = await objectionTo(turn, known, expansion.items);
  if (reason === null) await expand(turn, known, expansion.items);
  else await fail(turn, known, { ...UNMEASURED, class: 'definition', reason, endedAt: turn.tx.now });
}

/** Why these items cannot be tasks of the batch, or null. */
async function objectionTo(turn: Turn, known: Known, items: readonly ForeachItem[]): Promise<string | null> {
  const unknown = await findMissingParent(turn, known, items);
  if (unknown !== null) return `an item depends on "${unknown}", which no task is called`;
  const taken = await findTakenName(turn, known, items);
  return taken === null ? null : `an item would be called "${taken}", as an item of another template is`;
}

async function findTakenName(turn: Turn, known: Known, items: readonly ForeachItem[]): Promise<string | null> {
  if (!hasRival(known)) return null;
  const { batch } = known;
  const names = items.map(({ name }) => name);
  const made = await findTasks(turn.tx.db, batch.id, names);
  const listed = [...batch.lists.values()].flat();
  const taken = new Set([...made, ...listed].map(({ name }) => name));
  return names.find((name) => taken.has(name)) ?? null;
}

/** True when another template's name begins this one's or is begun by it, so that their items may share a name. */
function hasRival({ batch, name }: Known): boolean {
  return batch.plan.nodes.some(
    (other) => other.kind === 'template' && (other.name.startsWith(`${name}_`) || name.startsWith(`${other.name}_`)),
  );
}

async function expand(turn: Turn, known: Known, items: readonly ForeachItem[]): Promise<void> {
  const { batch, id, name } = known;
  batch.lists.set(name, items);
  await saveManifest(turn.tx, id, encodeJson(items), items.length);
  move(turn, known, { kind: 'started', claim: claimOf(known), device: null, pid: null, at: turn.tx.now });
  turn.tx.record({ type: 'task.expanded', subject: subject.task(batch.id, name), data: { items: items.length } });
  await meetExpansionEdges(turn, id, name);
  const total = items.length;
  const first = isPipelined(batch, name) ? total : itemsToMaterialise({ total, nextIndex: 0, remaining: total });
  await materialise(turn, known, 0, first);
  if (total === 0) await endEmpty(turn, known);
}

async function endEmpty(turn: Turn, known: Known): Promise<void> {
  const claim = claimOf(known);
  known.batch.lists.delete(known.name);
  move(turn, known, { kind: 'succeeded', claim, durationMs: 0, note: 'its list is empty' });
}

/** Items with edges of their own, on either side, are made at once: an edge needs two rows. */
function isPipelined(batch: ActiveBatch, template: string): boolean {
  return batch.plan.nodes.some(({ name, deps }) =>
    deps.some(({ on, perItem }) => perItem !== undefined && (name === template || on === template)),
  );
}

/** Templates that pair their items with ours may expand too. */
async function meetExpansionEdges(turn: Turn, id: number, name: string): Promise<void> {
  const edges = (await edgesToWaiting(turn.tx, [id])).filter(({ condition }) => condition === 'expanded');
  if (edges.length === 0) return;
  await dropExpansionEdges(turn.tx, id);
  const met = edges.map((edge) => ({
    parentName: name,
    ended: 'succeeded' as const,
    condition: 'expanded' as const,
    childId: edge.child,
    childPending: edge.child_pending,
  }));
  await applyVerdicts(turn, release(met));
}

function pairedDeps(known: Known): readonly (CompiledDependency & { readonly perItem: string })[] {
  return known.node.deps.flatMap((dep) => (dep.perItem === undefined ? [] : [{ ...dep, perItem: dep.perItem }]));
}

/** The names of the tasks that one item (or each item of a group) depends on by its own edges. */
function parentsOfItem(
  known: Known,
  item: ForeachItem,
): { readonly name: string; readonly condition: CompiledDependency['condition'] }[] {
  const { plan, builtins } = known.batch;
  return pairedDeps(known).flatMap(({ perItem, condition }) =>
    renderNames(perItem, { plan, builtins, item }).map((name) => ({ name, condition })),
  );
}

async function findMissingParent(turn: Turn, known: Known, items: readonly ForeachItem[]): Promise<string | null> {
  const names = new Set(items.flatMap((item) => parentsOfItem(known, item).map(({ name }) => name)));
  if (names.size === 0) return null;
  const found = new Set((await findTasks(turn.tx.db, known.batch.id, [...names])).map(({ name }) => name));
  return [...names].find((name) => !found.has(name)) ?? null;
}

/** Makes rows of `count` items from `from` on, and releases those that wait for nothing. */
export async function materialise(turn: Turn, known: Known, from: number, count: number): Promise<void> {
  const items = (known.batch.lists.get(known.name) ?? []).slice(from, from + count);
  if (items.length === 0) return;
  const firstId = await nextTaskId(turn.tx.db);
  const edges: NewEdge[] = [];
  const tasks: NewTask[] = [];
  const blocked: { readonly childId: number; readonly kind: 'aborted' | 'skipped'; readonly because: string }[] = [];
  const parents = await loadParents(turn, known, items);
  for (const [offset, item] of items.entries()) {
    const id = firstId + offset;
    const links = linksOf(parents, id, parentsOfItem(known, item));
    edges.push(...links.edges);
    if (links.blocked) blocked.push({ childId: id, ...links.blocked });
    const { key, index, name } = item;
    tasks.push(
      toNewTask(known.batch, known.node, {
        id,
        name,
        template: known.name,
        item: { key, index },
        pending: links.edges.length,
      }),
    );
  }
  await insertTasks(turn.tx, tasks);
  await insertEdges(turn.tx, edges);
  await setNextIndex(turn.tx, known.id, from + items.length);
  const stuck = new Set(blocked.map(({ childId }) => childId));
  await releaseNow(
    turn,
    tasks.filter(({ id, pending }) => pending === 0 && !stuck.has(id)).map(({ id }) => id),
  );
  await applyVerdicts(turn, blocked);
}

type Parents = ReadonlyMap<string, Awaited<ReturnType<typeof findTasks>>[number]>;

async function loadParents(turn: Turn, known: Known, items: readonly ForeachItem[]): Promise<Parents> {
  const names = new Set(items.flatMap((item) => parentsOfItem(known, item).map(({ name }) => name)));
  const rows = names.size === 0 ? [] : await findTasks(turn.tx.db, known.batch.id, [...names]);
  return new Map(rows.map((row) => [row.name, row]));
}

interface Links {
  readonly edges: readonly NewEdge[];
  readonly blocked: { readonly kind: 'aborted' | 'skipped'; readonly because: string } | null;
}

/** Edges to the parents that have not ended; those that have are judged now. */
function linksOf(parents: Parents, child: number, wanted: ReturnType<typeof parentsOfItem>): Links {
  const edges = new Map<number, NewEdge>();
  let blocked: Links['blocked'] = null;
  for (const { name, condition } of wanted) {
    const parent = parents.get(name);
    if (!parent) continue;
    if (!isEndState(parent.state)) {
      edges.set(parent.id, { parent: parent.id, child, condition });
      continue;
    }
    const verdict = judgeEdge(condition, name, parent.state);
    if (verdict.kind === 'abort') blocked = { kind: 'aborted', because: verdict.because };
    else if (verdict.kind === 'skip') blocked ??= { kind: 'skipped', because: verdict.because };
  }
  return { edges: [...edges.values()], blocked };
}
