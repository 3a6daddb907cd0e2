/** Everything of a plan that has fields, its tasks and, of a goal-driven plan, its goal, as far as it is odd. */
import { FIELD_NAMES, isFieldName } from '../parse/fields.ts';
import { GOAL_FIELD_NAMES } from '../parse/goal.ts';
import type { Plan, PlanGoal, PlanTask, TaskFieldName } from '../types.ts';

type Oddities = Pick<
  PlanTask | PlanGoal,
  'badFields' | 'nearMisses' | 'unknownFields' | 'repeatedFields' | 'strayLines'
>;

export interface OddBlock extends Oddities {
  /** The names that its fields may have. */
  readonly names: readonly string[];
}

/** Those in which something was odd: of a hundred thousand tasks few. */
export function oddBlocksOf({ goal, tasks }: Plan): OddBlock[] {
  const odd: OddBlock[] = goal === undefined ? [] : [{ ...goal, names: GOAL_FIELD_NAMES }];
  for (const task of tasks) if (isOdd(task)) odd.push({ ...task, names: FIELD_NAMES });
  return odd;
}

function isOdd({ badFields, nearMisses, unknownFields, repeatedFields, strayLines }: Oddities): boolean {
  const lines = nearMisses.length + unknownFields.length + strayLines.length;
  return lines + badFields.length + repeatedFields.length > 0;
}

/** Fields that some task has: rules of others need not look. */
export function fieldsUsedIn({ tasks }: Plan): ReadonlySet<TaskFieldName> {
  const used = new Set<TaskFieldName>();
  for (const { fields } of tasks) for (const name in fields) if (isFieldName(name)) used.add(name);
  return used;
}
