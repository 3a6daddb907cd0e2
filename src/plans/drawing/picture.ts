/** What of a plan is drawn: its tasks as boxes (a foreach is one box) and what they wait for as edges. Pure. */
import { resolvePlan } from '../meaning/resolve-plan.ts';
import type { ResolvedDependency, ResolvedTask } from '../meaning/resolve-task.ts';
import type { Plan, TaskClass, TaskType } from '../types.ts';

/** How far the tasks of a box are, in a batch. */
export interface BoxProgress {
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly running: number;
}

export interface Box {
  readonly id: string;
  readonly type: TaskType;
  readonly taskClass: TaskClass;
  /** Where the list of a foreach comes from. */
  readonly list?: string;
  readonly progress?: BoxProgress;
}

/** `item`: each item waits for its own partner only. `when`: runs only for that answer. */
export type ArrowKind = 'success' | 'done' | 'failed' | 'item' | 'when';

export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly kind: ArrowKind;
  readonly label?: string;
}

export interface Picture {
  readonly title: string;
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

/** Of a plan without errors: dependencies on unknown tasks are left out. */
export function pictureOf(plan: Plan): Picture {
  const { tasks, byId } = resolvePlan(plan);
  return {
    title: plan.name,
    boxes: tasks.map(boxOf),
    arrows: tasks
      .flatMap((task) => [...dependencyArrows(task), ...whenArrows(task)])
      .filter(({ from }) => byId.has(from)),
  };
}

function boxOf({ task, type, class: choice }: ResolvedTask): Box {
  const { foreach } = task.fields;
  const box = { id: task.id, type, taskClass: choice.taskClass };
  return foreach === undefined ? box : { ...box, list: foreach.source.text };
}

function dependencyArrows({ task, dependencies, condition }: ResolvedTask): Arrow[] {
  const arrows = dependencies.flatMap((dependency) => arrowOf(dependency, task.id));
  // The condition stands for the dependency that it implies.
  return arrows.filter(({ from }) => from !== condition?.target);
}

function arrowOf({ target, condition, perItem }: ResolvedDependency, to: string): Arrow[] {
  if (target === undefined) return [];
  const label = condition === 'success' ? undefined : condition;
  const kind = perItem ? 'item' : condition;
  return [{ from: target, to, kind, ...(label === undefined ? {} : { label }) }];
}

function whenArrows({ task, condition }: ResolvedTask): Arrow[] {
  if (condition?.target === undefined) return [];
  const { operator, value } = condition.clause;
  return [{ from: condition.target, to: task.id, kind: 'when', label: `${operator} ${value}` }];
}
