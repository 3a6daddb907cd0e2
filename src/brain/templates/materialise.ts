/** Rows of items: made in the order of the list, with edges to the tasks that each item pairs with. */

import type { ForeachItem } from '../../plans/index.ts';
import { findTask, findTasks, insertEdges, insertTasks, nextTaskId, setNextIndex } from '../../store/index.ts';
import type { NewEdge, NewTask } from '../../store/index.ts';
import { applyVerdicts, releaseNow } from '../release/apply-release.ts';
import type { Known } from '../known.ts';
import { takeItems } from './items.ts';
import { toNewTask } from '../tasks/new-task.ts';
import { parentsOfItem } from './pairing.ts';
import type { ItemParent } from './pairing.ts';
import { judgeEdge } from '../release/release.ts';
import type { ChildVerdict } from '../release/release.ts';
import { isEndState } from '../tasks/task-codec.ts';
import type { Turn } from '../turn/turn.ts';

interface Made {
  readonly rows: number;
  /** Items that pair with what will never be there: they get no row. */
  readonly leftOut: number;
}

/** Makes rows of at most `count` items from `from` on; stops before one whose partner has no row yet but will have one. */
export async function materialise(turn: Turn, known: Known, from: number, count: number): Promise<Made> {
  const items = await takeItems(turn.tx.db, known.id, from, count);
  const { ready, leftOut } = await choose(turn, known, items);
  const rows = ready.length;
  if (rows + leftOut === 0) return { rows, leftOut };
  const firstId = await nextTaskId(turn.tx.db);
  const made = ready.map(({ item, parents }, offset) => rowOf(known, item, parents, firstId + offset));
  await insertTasks(
    turn.tx,
    made.map(({ task }) => task),
  );
  await insertEdges(
    turn.tx,
    made.flatMap(({ edges }) => edges),
  );
  await setNextIndex(turn.tx, known.id, from + rows + leftOut);
  const blocked = made.flatMap(({ verdict }) => verdict ?? []);
  const free = made.filter(({ task, verdict }) => task.pending === 0 && !verdict);
  await releaseNow(
    turn,
    free.map(({ task }) => task.id),
  );
  await applyVerdicts(turn, blocked);
  return { rows, leftOut };
}

type Parent = Awaited<ReturnType<typeof findTasks>>[number];

/** An item all of whose partners have rows. */
interface ReadyItem {
  readonly item: ForeachItem;
  readonly parents: readonly { readonly row: Parent; readonly condition: ItemParent['condition'] }[];
}

async function choose(
  turn: Turn,
  known: Known,
  items: readonly ForeachItem[],
): Promise<{ readonly ready: readonly ReadyItem[]; readonly leftOut: number }> {
  const wanted = items.map((item) => parentsOfItem(known, item));
  const rows = await loadParents(turn, known, wanted.flat());
  const ready: ReadyItem[] = [];
  let leftOut = 0;
  for (const [index, item] of items.entries()) {
    const needed = wanted[index] ?? [];
    const parents = needed.flatMap(({ name, condition }) => {
      const row = rows.get(name);
      return row ? [{ row, condition }] : [];
    });
    const absent = needed.find(({ name }) => !rows.has(name));
    if (!absent) ready.push({ item, parents });
    else if (await isStillMaking(turn, known, absent.on)) break;
    else leftOut += 1;
  }
  return { ready, leftOut };
}

async function loadParents(turn: Turn, known: Known, wanted: readonly ItemParent[]): Promise<Map<string, Parent>> {
  const names = [...new Set(wanted.map(({ name }) => name))];
  const rows = names.length === 0 ? [] : await findTasks(turn.tx.db, known.batch.id, names);
  return new Map(rows.map((row) => [row.name, row]));
}

/** True while a template has items that will get rows. */
async function isStillMaking(turn: Turn, { batch }: Known, template: string): Promise<boolean> {
  const row = await findTask(turn.tx.db, batch.id, template);
  return row?.state === 'running' && (row.next_index ?? 0) < (row.items_total ?? 0);
}

interface MadeRow {
  readonly task: NewTask;
  readonly edges: readonly NewEdge[];
  /** An ended partner keeps it from ever running. */
  readonly verdict: ChildVerdict | null;
}

/** Edges to the partners that have not ended; those that have are judged now. */
function rowOf({ batch, node, name }: Known, item: ForeachItem, parents: ReadyItem['parents'], id: number): MadeRow {
  const edges = new Map<number, NewEdge>();
  let verdict: MadeRow['verdict'] = null;
  for (const { row, condition } of parents) {
    if (!isEndState(row.state)) {
      edges.set(row.id, { parent: row.id, child: id, condition });
      continue;
    }
    const judged = judgeEdge(condition, row.name, row.state);
    if (judged.kind === 'abort') verdict = { kind: 'aborted', childId: id, because: judged.because };
    else if (judged.kind === 'skip') verdict ??= { kind: 'skipped', childId: id, because: judged.because };
  }
  const task = toNewTask(batch, node, { id, name: item.name, template: name, item, pending: edges.size });
  return { task, edges: [...edges.values()], verdict };
}
