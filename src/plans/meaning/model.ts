/** Which model a task talks to, and where that is written. */
import type { Field, ModelWish, Plan } from '../types.ts';
import type { ResolvedTask } from './resolve-task.ts';

/** The alias of the brain's own model; a plan asks for it by `executor: brain`. */
export const BRAIN_MODEL = 'brain';

interface ModelChoice {
  readonly name: string;
  /** Absent when it comes from the front matter or from the executor. */
  readonly field?: Field<string>;
}

/** Undefined when nothing says it. What a command of another class than llm names is told of, and unused. */
export function modelOf({ task, type, executor }: ResolvedTask, { defaults }: Plan): ModelChoice | undefined {
  const field = task.fields.model ?? task.fields.llm_model;
  if (field !== undefined) return { name: field.value, field };
  if (executor === 'brain' && asks(type)) return { name: BRAIN_MODEL };
  // A meta task acts on a model by name only.
  return defaults.model === undefined || type === 'meta' ? undefined : { name: defaults.model };
}

/** What the model must be like when nothing names it; undefined when the task says nothing of that, or needs none. */
export function wishOf(resolved: ResolvedTask, plan: Plan): ModelWish | undefined {
  const { task, type } = resolved;
  const { llm_min_tier: tier, llm_placement: placement } = task.fields;
  const isUsed = asks(type) || (type === 'shell' && resolved.class.taskClass === 'llm');
  if (!isUsed || (tier ?? placement) === undefined || modelOf(resolved, plan) !== undefined) return undefined;
  return { minTier: tier?.value ?? 1, ...(placement === undefined ? {} : { placement: placement.value }) };
}

/** A model answers, no command runs. */
export function asks(type: ResolvedTask['type']): boolean {
  return type === 'generate' || type === 'parse' || type === 'decide';
}
