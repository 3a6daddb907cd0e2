/**
 * What a plan says once the fields of its tasks are added up. Lint and compile both read this, so that they never
 * disagree. It reports nothing.
 */
import { orderOf } from '../graph/order.ts';
import type { GraphNode, Ordering } from '../graph/order.ts';
import type { Plan, PlanTask } from '../types.ts';
import { resolveGoal } from './goal.ts';
import type { ResolvedGoal } from './goal.ts';
import { resolveTask } from './resolve-task.ts';
import type { ResolvedTask } from './resolve-task.ts';

export interface ResolvedPlan {
  readonly plan: Plan;
  /** Present exactly in a goal-driven plan. */
  readonly goal?: ResolvedGoal;
  readonly tasks: readonly ResolvedTask[];
  /** The first task of each id. */
  readonly byId: ReadonlyMap<string, ResolvedTask>;
  /** Indexes into the tasks. A task that waits for itself counts as one that does not. */
  readonly ordering: Ordering;
}

export function resolvePlan(plan: Plan): ResolvedPlan {
  const written = new Map<string, PlanTask>();
  for (const task of plan.tasks) if (!written.has(task.id)) written.set(task.id, task);
  const tasks = plan.tasks.map((task) => resolveTask(task, plan, written));
  const byId = new Map<string, ResolvedTask>();
  for (const resolved of tasks) if (!byId.has(resolved.task.id)) byId.set(resolved.task.id, resolved);
  const goal = plan.goal === undefined ? undefined : resolveGoal(plan.goal, byId);
  return { plan, tasks, byId, ordering: orderOf(tasks.map(nodeOf)), ...(goal === undefined ? {} : { goal }) };
}

function nodeOf({ task: { id }, dependencies }: ResolvedTask): GraphNode {
  return { name: id, after: dependencies.map(({ target }) => (target === id ? undefined : target)) };
}
