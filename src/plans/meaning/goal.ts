/** What the fields of `## Goal` mean among the tasks of the plan, with defaults. It reports nothing. */
import type { CompiledGoal, Field, NumberOrPlaceholder, PlanGoal, PlanTask } from '../types.ts';
import type { ResolvedTask } from './resolve-task.ts';
import { settledText } from './settled.ts';
import type { TaskText } from './task-texts.ts';

const GOAL_DEFAULTS = { tolerance: 0, maxAttemptsMultiplier: 3 } as const;

export interface ResolvedGoal {
  readonly goal: PlanGoal;
  /** Absent when no task has the id that was given. */
  readonly tracked?: PlanTask;
  /** Ids: as written, else what the templates over the tracked task's list wait for besides each other. */
  readonly discovery: readonly string[];
  readonly texts: readonly TaskText[];
}

type Tasks = ReadonlyMap<string, ResolvedTask>;

export function resolveGoal(goal: PlanGoal, byId: Tasks): ResolvedGoal {
  const { tracked_task: trackedTask, discovery_tasks: discoveryTasks } = goal.fields;
  const tracked = byId.get(trackedTask?.value ?? '')?.task;
  return {
    goal,
    ...(tracked === undefined ? {} : { tracked }),
    discovery: discoveryTasks?.value ?? (tracked === undefined ? [] : sourcesOf(tracked, byId)),
    texts: textsOf(goal),
  };
}

function sourcesOf(tracked: PlanTask, byId: Tasks): string[] {
  const list = tracked.fields.foreach?.source.text;
  const pipeline = [...byId.values()].filter(({ task }) => task.fields.foreach?.source.text === list);
  const inside = new Set(pipeline.map(({ task }) => task.id));
  const awaited = pipeline.flatMap(({ dependencies }) => dependencies.flatMap(({ target }) => target ?? []));
  return [...new Set(awaited)].filter((id) => !inside.has(id));
}

function textsOf({ fields }: PlanGoal): TaskText[] {
  const numbers = [fields.target, fields.tolerance, fields.max_attempts_multiplier];
  return numbers.flatMap((field) =>
    field === undefined ? [] : [{ reader: 'plain', source: field.source, mayNameItem: false }],
  );
}

type Variables = Readonly<Record<string, string>>;

/** The number that a field comes to: NaN when its text is none, undefined while a value is missing. */
export function goalNumber({ value }: Field<NumberOrPlaceholder>, variables: Variables): number | undefined {
  if (typeof value === 'number') return value;
  const text = settledText(value, variables)?.trim();
  if (text === undefined) return undefined;
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
}

/** For a plan without errors. */
export function compileGoal({ goal, tracked, discovery }: ResolvedGoal, variables: Variables): CompiledGoal {
  const { target, tolerance, max_attempts_multiplier: multiplier } = goal.fields;
  const number = (field: Field<NumberOrPlaceholder> | undefined, otherwise: number): number =>
    (field === undefined ? undefined : goalNumber(field, variables)) ?? otherwise;
  return {
    type: 'target_count',
    target: number(target, 1),
    tolerance: number(tolerance, GOAL_DEFAULTS.tolerance),
    trackedTask: tracked?.id ?? '',
    discoveryTasks: discovery,
    maxAttemptsMultiplier: number(multiplier, GOAL_DEFAULTS.maxAttemptsMultiplier),
  };
}
