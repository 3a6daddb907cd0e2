/**
 * Which tasks of a batch run again: after a resume all that has not succeeded, after a retry what a person chose with
 * all that depends on it. It computes only.
 */

import { groupBy } from '../../kernel/index.ts';
import { isOfGoal, isOfRejected } from '../../store/index.ts';
import type { BatchGoal, CourseRow, NewEdge, ReopenedTemplate } from '../../store/index.ts';
import { isUndone, judgeEdge } from '../release/release.ts';
import type { ChildVerdict, EdgeCondition } from '../release/release.ts';
import { isEndState } from '../tasks/task-codec.ts';

export type RedoChoice =
  | { readonly kind: 'rest' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'from'; readonly task: string }
  | { readonly kind: 'items'; readonly keys: readonly string[] };

interface Course {
  readonly rows: readonly CourseRow[];
  readonly edges: readonly NewEdge[];
}

export interface Redo {
  /** Tasks and unexpanded templates that begin anew, with the parents they wait for. */
  readonly reset: readonly { readonly id: number; readonly pending: number }[];
  /** Of these, those that an ended parent keeps from running. */
  readonly blocked: readonly ChildVerdict[];
  readonly reopened: readonly ReopenedTemplate[];
  /** Tasks that wait already, for more parents than before. */
  readonly waiting: readonly { readonly id: number; readonly pending: number }[];
}

/** `goal`: of a goal-driven batch. Once its candidates run again, further ones may be tried. */
export function planRedo(course: Course, choice: RedoChoice, goal: BatchGoal | null): Redo {
  const graph = graphOf(course, goal);
  const again = chooseAgain(graph, choice);
  const touched = new Set(again);
  for (const id of again) {
    for (const template of graph.openedWith(id)) touched.add(template.id);
  }
  const isOpen = (id: number): boolean => touched.has(id) || !isEndState(graph.row(id).state);
  const isReset = (row: CourseRow): boolean => again.has(row.id) && !isExpanded(row);
  const pendingOf = (id: number): number => graph.parents(id).filter((edge) => isOpen(edge.parent)).length;
  const rows = course.rows.filter(isReset);
  const waiting = course.rows.filter(({ id, state, pending }) => state === 'waiting' && pending !== pendingOf(id));
  return {
    reset: rows.map(({ id }) => ({ id, pending: pendingOf(id) })),
    blocked: rows.flatMap(({ id }) => blockedBy(graph, id, isOpen) ?? []),
    reopened: course.rows
      .filter((row) => touched.has(row.id) && isExpanded(row))
      .map((row) => recount(row, graph, again)),
    waiting: waiting.map(({ id }) => ({ id, pending: pendingOf(id) })),
  };
}

interface Graph {
  readonly rows: readonly CourseRow[];
  readonly goal: BatchGoal | null;
  /** The goal was not reached. */
  readonly isMissed: boolean;
  row(id: number): CourseRow;
  parents(id: number): readonly NewEdge[];
  children(id: number): readonly NewEdge[];
  items(template: string): readonly CourseRow[];
  /** Expanded templates that count their items again when this runs again: its own, of a candidate all that serve the goal. */
  openedWith(id: number): readonly CourseRow[];
}

function graphOf({ rows, edges }: Course, goal: BatchGoal | null): Graph {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const templates = new Map(rows.filter(({ kind }) => kind === 'template').map((row) => [row.name, row]));
  const items = groupBy(rows, ({ template }) => template);
  const parents = groupBy(edges, ({ child }) => child);
  const children = groupBy(edges, ({ parent }) => parent);
  const row = (id: number): CourseRow => {
    const found = byId.get(id);
    if (!found) throw new Error(`an edge names task ${id}, which is not of its batch`);
    return found;
  };
  const ofGoal = goal === null ? [] : [goal.tracked, ...goal.sources, ...goal.followers];
  const openedWith = (id: number): readonly CourseRow[] => {
    const { name, template } = row(id);
    const isCandidate = goal !== null && (template ?? name) === goal.tracked;
    const opened = isCandidate ? ofGoal : template === null ? [] : [template];
    return opened.flatMap((each) => templates.get(each) ?? []).filter(isExpanded);
  };
  return {
    rows,
    goal,
    isMissed: goal !== null && templates.get(goal.tracked)?.state === 'failed',
    row,
    parents: (id) => parents.get(id) ?? [],
    children: (id) => children.get(id) ?? [],
    items: (template) => items.get(template) ?? [],
    openedWith,
  };
}

function isExpanded({ kind, items_total: total }: CourseRow): boolean {
  return kind === 'template' && total !== null;
}

/** What ends up running again; an expanded template stands for the count of its items. */
function chooseAgain(graph: Graph, choice: RedoChoice): ReadonlySet<number> {
  const again = new Set<number>();
  const open: number[] = [];
  const add = (row: CourseRow): void => {
    if (again.has(row.id) || !isEndState(row.state)) return;
    again.add(row.id);
    open.push(row.id);
  };
  const keepsSucceeded = choice.kind === 'rest';
  for (const row of graph.rows) {
    if (!isChosen(row, choice) || isTurnedDown(graph, row)) continue;
    if (keepsSucceeded) add(row);
    else addWhole(graph, row, add);
  }
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const reached = [id, ...graph.openedWith(id).map((template) => template.id)].flatMap(graph.children);
    for (const { child } of reached) {
      const row = graph.row(child);
      if (keepsSucceeded && row.state === 'succeeded') continue;
      if (keepsSucceeded) add(row);
      else addWhole(graph, row, add);
    }
  }
  return again;
}

/** A template that runs again does so with all its items. */
function addWhole(graph: Graph, row: CourseRow, add: (row: CourseRow) => void): void {
  if (isExpanded(row)) for (const item of graph.items(row.name)) add(item);
  add(row);
}

function isChosen(row: CourseRow, choice: RedoChoice): boolean {
  switch (choice.kind) {
    case 'rest':
      return isEndState(row.state) && isUndone(row.state);
    case 'failed':
      return row.state === 'failed' && !isExpanded(row);
    case 'from':
      return row.name === choice.task;
    case 'items':
      return row.item_key !== null && choice.keys.includes(row.item_key);
  }
}

/** A candidate that was turned down is no failure, unless the goal was missed for want of it. */
function isTurnedDown({ goal, isMissed }: Graph, row: CourseRow): boolean {
  return goal !== null && !isMissed && isOfRejected(goal, row);
}

function blockedBy(graph: Graph, id: number, isOpen: (id: number) => boolean): ChildVerdict | null {
  let verdict: ChildVerdict | null = null;
  for (const { parent, condition } of graph.parents(id)) {
    const { name, state } = graph.row(parent);
    if (isOpen(parent) || !isEndState(state)) continue;
    // The store keeps what `admission.ts` and `materialise.ts` wrote.
    const judged = judgeEdge(condition as EdgeCondition, name, state);
    if (judged.kind === 'abort') return { kind: 'aborted', childId: id, because: judged.because };
    if (judged.kind === 'skip') verdict ??= { kind: 'skipped', childId: id, because: judged.because };
  }
  return verdict;
}

/** Items that were left out without a row stay so, but for those that a goal may want after all. */
function recount(row: CourseRow, { goal, items }: Graph, again: ReadonlySet<number>): ReopenedTemplate {
  const made = items(row.name);
  const total = row.items_total ?? 0;
  const ended = made.filter(({ id, state }) => isEndState(state) && !again.has(id));
  const failed = ended.filter(({ state }) => {
    const isDropped = state === 'aborted' && goal?.followers.includes(row.name) === true;
    return isEndState(state) && isUndone(state) && !isDropped;
  }).length;
  const succeeded = ended.filter(({ state }) => state === 'succeeded').length;
  const nextIndex = goal !== null && isOfGoal(goal, row.name) ? afterLast(made) : (row.next_index ?? 0);
  const remaining = made.length - ended.length + total - nextIndex;
  return { id: row.id, nextIndex, remaining, failed, skipped: total - remaining - failed - succeeded };
}

/** The place in the list after the last item that has a row. */
function afterLast(made: readonly CourseRow[]): number {
  return made.reduce((after, { item_index: index }) => Math.max(after, (index ?? 0) + 1), 0);
}
