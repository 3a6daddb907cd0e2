/** Everything of a plan that has fields: its tasks and, of a goal-driven plan, its goal. */
import { FIELD_NAMES } from '../parse/fields.ts';
import { GOAL_FIELD_NAMES } from '../parse/goal.ts';
import type { Plan, PlanGoal, PlanTask } from '../types.ts';

export type WrittenBlock = Pick<
  PlanTask | PlanGoal,
  'badFields' | 'nearMisses' | 'unknownFields' | 'repeatedFields' | 'strayLines'
>;

/** What `check` finds in each, given the names that its fields may have. */
export function inFieldBlocks<T>(plan: Plan, check: (block: WrittenBlock, names: readonly string[]) => T[]): T[] {
  const inGoal = plan.goal === undefined ? [] : check(plan.goal, GOAL_FIELD_NAMES);
  return [...inGoal, ...plan.tasks.flatMap((task) => check(task, FIELD_NAMES))];
}
