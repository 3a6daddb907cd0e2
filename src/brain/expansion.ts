/** A template becomes its items: the list is frozen, when every item can be a task of the batch, and the first rows are made. */

import { subject } from '../contract/index.ts';
import type { ForeachItem } from '../plans/index.ts';
import {
  dropExpansionEdges,
  edgesToWaiting,
  findTask,
  findTasks,
  loadTemplates,
  saveManifest,
} from '../store/index.ts';
import type { ManifestChunk } from '../store/index.ts';
import { applyVerdicts } from './apply-release.ts';
import type { Known } from './book.ts';
import { fail } from './failing.ts';
import { itemsFrom, itemsOfChunk } from './items.ts';
import { pairedDeps, parentsOfItem } from './pairing.ts';
import type { ReadList } from './read-list.ts';
import { refill } from './refill.ts';
import { release } from './release.ts';
import { claimOf, move, UNMEASURED } from './turn.ts';
import type { Turn } from './turn.ts';

type Listed = Extract<ReadList, { kind: 'listed' }>;

/** A template's list has been read, or could not be. */
export async function applyList(turn: Turn, known: Known, list: ReadList): Promise<void> {
  if (list.kind === 'failed') {
    await fail(turn, known, { ...UNMEASURED, class: 'output', reason: list.reason, endedAt: turn.tx.now });
    return;
  }
  const reason = await objectionTo(turn, known, list.chunks);
  if (reason === null) await expand(turn, known, list);
  else await fail(turn, known, { ...UNMEASURED, class: 'definition', reason, endedAt: turn.tx.now });
}

/** Why these items cannot be tasks of the batch, or null. */
async function objectionTo(turn: Turn, known: Known, chunks: readonly ManifestChunk[]): Promise<string | null> {
  const unknown = await findMissingParent(turn, known, chunks);
  if (unknown !== null) return `an item depends on "${unknown}", which no task is called`;
  const taken = await findTakenName(turn, known, chunks);
  return taken === null ? null : `an item would be called "${taken}", as an item of another template is`;
}

/** Walks the two lists of each pair side by side: where they are in one order, nothing is kept of them. */
async function findMissingParent(turn: Turn, known: Known, chunks: readonly ManifestChunk[]): Promise<string | null> {
  const { db } = turn.tx;
  for (const on of new Set(pairedDeps(known).map((dep) => dep.on))) {
    const wanted = createMatch();
    const parent = await findTask(db, known.batch.id, on);
    const theirs = parent ? itemsFrom(db, parent.id, 0) : null;
    for (const chunk of chunks) {
      wanted.ask(itemsOfChunk(chunk).flatMap((item) => parentsOfItem(known, item, on).map(({ name }) => name)));
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

async function findTakenName(turn: Turn, known: Known, chunks: readonly ManifestChunk[]): Promise<string | null> {
  const rivals = rivalsOf(known);
  if (rivals.size === 0) return null;
  const names = new Set(chunks.flatMap((chunk) => itemsOfChunk(chunk).map(({ name }) => name)));
  const { db } = turn.tx;
  for (const { id, name } of await loadTemplates(db, known.batch.id)) {
    if (!rivals.has(name)) continue;
    for await (const items of itemsFrom(db, id, 0)) {
      const taken = items.find((item: ForeachItem) => names.has(item.name));
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

async function expand(turn: Turn, known: Known, { chunks, total }: Listed): Promise<void> {
  const { batch, id, name } = known;
  await saveManifest(turn.tx, id, chunks, total);
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
