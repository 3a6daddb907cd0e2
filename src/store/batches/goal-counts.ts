/** How far goal-driven batches are, and which of their tasks are of candidates that were turned down: those are no failures. */

import type { GoalCounts, TaskState } from '../../contract/index.ts';
import { decodeJson } from '../codec.ts';
import type { Db } from '../schema.ts';

/** What a goal-driven batch is after, as its row keeps it; each template by name. */
export interface BatchGoal {
  readonly target: number;
  /** Its successes are the accepted candidates. */
  readonly tracked: string;
  /** What becomes of a candidate before it is judged. */
  readonly sources: readonly string[];
  /** What becomes of it after that. */
  readonly followers: readonly string[];
}

/** Tasks of a template in a state. */
interface Tally {
  readonly template: string | null;
  readonly state: TaskState;
}

interface Counted extends Tally {
  readonly tasks: number;
}

export interface GoalTally {
  readonly goal: BatchGoal;
  readonly counts: GoalCounts;
  /** Counted as failed or aborted among the tasks of the batch. */
  readonly rejected: { readonly failed: number; readonly aborted: number };
}

/** Null for a batch without a goal. */
export function storedGoal({ goal }: { readonly goal: string | null }): BatchGoal | null {
  return goal === null ? null : decodeJson<BatchGoal>(goal);
}

/** Whether its items are made only as far as candidates are wanted. */
export function isOfGoal({ tracked, sources, followers }: BatchGoal, template: string): boolean {
  return template === tracked || sources.includes(template) || followers.includes(template);
}

/** Whether a task did not get done because its candidate was turned down, or is what turned it down. */
export function isOfRejected(goal: BatchGoal, { template, state }: Tally): boolean {
  if (template === null || !isOfGoal(goal, template)) return false;
  return state === 'aborted' || (state === 'failed' && !goal.followers.includes(template));
}

/** Of those among the batches that have a goal. */
export async function tallyGoals(db: Db, batchIds: readonly string[]): Promise<ReadonlyMap<string, GoalTally>> {
  const rows = await db
    .selectFrom('batch')
    .select(['id', 'goal'])
    .where('id', 'in', batchIds)
    .where('goal', 'is not', null)
    .execute();
  const tallies = new Map<string, GoalTally>();
  for (const row of rows) {
    const goal = storedGoal(row);
    if (goal) tallies.set(row.id, tallyOf(goal, await countItems(db, row.id)));
  }
  return tallies;
}

async function countItems(db: Db, batchId: string): Promise<readonly Counted[]> {
  const rows = await db
    .selectFrom('task')
    .select(({ fn }) => ['template', 'state', fn.countAll<number>().as('tasks')])
    .where('batch_id', '=', batchId)
    .where('template', 'is not', null)
    .groupBy(['template', 'state'])
    .execute();
  return rows.map((row) => ({ ...row, tasks: Number(row.tasks) }));
}

function tallyOf(goal: BatchGoal, items: readonly Counted[]): GoalTally {
  const sum = (isWanted: (item: Counted) => boolean): number =>
    items.filter(isWanted).reduce((total, { tasks }) => total + tasks, 0);
  const candidates = (isWanted: (state: TaskState) => boolean): number =>
    sum(({ template, state }) => template === goal.tracked && isWanted(state));
  const turnedDown = (wanted: TaskState): number => sum((item) => item.state === wanted && isOfRejected(goal, item));
  return {
    goal,
    counts: {
      target: goal.target,
      accepted: candidates((state) => state === 'succeeded'),
      rejected: candidates((state) => state === 'failed' || state === 'aborted'),
      tried: candidates(() => true),
    },
    rejected: { failed: turnedDown('failed'), aborted: turnedDown('aborted') },
  };
}
