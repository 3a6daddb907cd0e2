/** A template becomes its items: the list is frozen, when every item can be a task of the batch, and the first rows are made. */

import { subject } from '../../contract/index.ts';
import { NameIndex } from '../../plans/index.ts';
import {
  dropExpansionEdges,
  dropManifest,
  edgesToWaiting,
  findTask,
  findTasks,
  loadTemplates,
  saveManifest,
} from '../../store/index.ts';
import type { TaskRecord } from '../../store/index.ts';
import { applyVerdicts } from '../release/apply-release.ts';
import type { Known } from '../known.ts';
import { fail } from '../failure/failing.ts';
import { itemsFrom } from './items.ts';
import { pairedDeps, parentsOfItem } from './pairing.ts';
import type { ReadList } from './read-list.ts';
import { refill } from './refill.ts';
import { release } from '../release/release.ts';
import { claimOf, move, UNMEASURED } from '../turn/turn.ts';
import type { Turn } from '../turn/turn.ts';

/** A template's list has been read, or could not be. */
export async function applyList(turn: Turn, known: Known, list: ReadList): Promise<void> {
  if (list.kind === 'failed') {
    await refuse(turn, known, 'output', list.reason);
    return;
  }
  await saveManifest(turn.tx, known.id, list.chunks, list.total);
  const reason = await objectionTo(turn, known);
  if (reason === null) await expand(turn, known, list.total);
  else await refuse(turn, known, 'definition', reason);
}

async function refuse(turn: Turn, known: Known, failure: 'output' | 'definition', reason: string): Promise<void> {
  await dropManifest(turn.tx, known.id);
  await fail(turn, known, { ...UNMEASURED, class: failure, reason, endedAt: turn.tx.now });
}

/** Why these items cannot be tasks of the batch, or null. */
async function objectionTo(turn: Turn, known: Known): Promise<string | null> {
  const unknown = await findMissingParent(turn, known);
  if (unknown !== null) return `an item depends on "${unknown}", which no task is called`;
  const taken = await findTakenName(turn, known);
  return taken === null ? null : `an item would be called "${taken}", as an item of another template is`;
}

/** Walks the two lists of each pair side by side: where they are in one order, nothing is kept of them. */
async function findMissingParent(turn: Turn, known: Known): Promise<string | null> {
  const { db } = turn.tx;
  for (const on of new Set(pairedDeps(known).map((dep) => dep.on))) {
    const wanted = createMatch();
    const parent = await findTask(db, known.batch.id, on);
    const theirs = parent && isFrozen(parent) ? itemsFrom(db, parent.id, 0) : null;
    for await (const items of itemsFrom(db, known.id, 0)) {
      wanted.ask(items.flatMap((item) => parentsOfItem(known, item, on).map(({ name }) => name)));
      const next = await theirs?.next();
      if (next?.done === false) wanted.offer(next.value.map(({ name }) => name));
    }
    if (theirs) for await (const items of theirs) wanted.offer(items.map(({ name }) => name));
    const made = await findTasks(db, known.batch.id, wanted.open());
    const missing = wanted.open().find((name) => !made.some((row) => row.name === name));
    if (missing !== undefined) return missing;
  }
  return null;
}

/** Chunks of a list that is still being read are not a list yet. */
function isFrozen(template: TaskRecord): boolean {
  return template.items_total !== null;
}

/** Names that are asked for and offered, in any order; keeps only those without their other half. */
function createMatch() {
  const asked = new Set<string>();
  const spare = new Set<string>();
  return {
    ask(names: readonly string[]): void {
      for (const name of names) if (!spare.has(name)) asked.add(name);
    },
    offer(names: readonly string[]): void {
      for (const name of names) if (!asked.delete(name)) spare.add(name);
    },
    open: (): string[] => [...asked],
  };
}

async function findTakenName(turn: Turn, known: Known): Promise<string | null> {
  const rivals = rivalsOf(known);
  if (rivals.size === 0) return null;
  const { db } = turn.tx;
  const names = new NameIndex();
  for await (const items of itemsFrom(db, known.id, 0)) for (const { name } of items) names.add(name);
  for (const row of await loadTemplates(db, known.batch.id)) {
    if (!rivals.has(row.name) || !isFrozen(row)) continue;
    for await (const items of itemsFrom(db, row.id, 0)) {
      const taken = items.find((item) => names.has(item.name));
      if (taken) return taken.name;
    }
  }
  return null;
}

/** Templates whose name begins this one's or is begun by it, so that their items may share a name. */
function rivalsOf({ batch, name }: Known): ReadonlySet<string> {
  const rivals = batch.plan.nodes.filter(
    (other) => other.kind === 'template' && (other.name.startsWith(`${name}_`) || name.startsWith(`${other.name}_`)),
  );
  return new Set(rivals.map((rival) => rival.name));
}

async function expand(turn: Turn, known: Known, total: number): Promise<void> {
  const { batch, id, name } = known;
  move(turn, known, { kind: 'started', claim: claimOf(known), device: null, pid: null, at: turn.tx.now });
  turn.tx.record({ type: 'task.expanded', subject: subject.task(batch.id, name), data: { items: total } });
  await meetExpansionEdges(turn, id, name);
  if (total > 0 || batch.goal?.tracked === name) await refill(turn, batch, name);
  else move(turn, known, { kind: 'succeeded', claim: claimOf(known), durationMs: 0, note: 'its list is empty' });
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
