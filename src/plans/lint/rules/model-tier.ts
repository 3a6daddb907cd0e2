/**
 * P058: a model that is smaller than the task asks for, or, where none is named, no model that is large enough. Silent
 * where sizes are not known.
 */
import { modelOf, wishOf } from '../../meaning/model.ts';
import { tierOf } from '../../meaning/model-tier.ts';
import type { ResolvedTask } from '../../meaning/resolve-task.ts';
import { settledText } from '../../meaning/settled.ts';
import { spanOf } from '../../span.ts';
import { tasksWith } from '../rule.ts';
import type { Finding, LintSubject, Rule } from '../rule.ts';

export const modelTier: Rule = {
  code: 'P058',
  severity: 'error',
  check: (subject) => tasksWith(subject, 'llm_min_tier').flatMap((task) => belowIn(task, subject)),
};

function belowIn(resolved: ResolvedTask, subject: LintSubject): Finding[] {
  const { plan, context, variables } = subject;
  const least = resolved.task.fields.llm_min_tier;
  if (wishOf(resolved, plan) !== undefined) return noneIn(resolved, subject);
  const model = settledText(modelOf(resolved, plan)?.name ?? '', variables) ?? '';
  const sizes = context.modelParameters ?? {};
  const parameters = Object.hasOwn(sizes, model) ? sizes[model] : undefined;
  if (least === undefined || parameters === undefined || tierOf(parameters) >= least.value) return [];
  const fitting = fittingIn(sizes, least.value);
  const help =
    fitting.length === 0
      ? 'no model of the catalogue is known to be that large'
      : `of that tier are ${fitting.slice(0, 8).join(', ')}`;
  const message = `model "${model}" is of tier ${tierOf(parameters)}, and llm_min_tier asks for ${least.value}`;
  return [{ at: spanOf(least.source), message, help }];
}

function noneIn({ task }: ResolvedTask, { context: { modelParameters: sizes } }: LintSubject): Finding[] {
  const least = task.fields.llm_min_tier;
  if (sizes === undefined || least === undefined || fittingIn(sizes, least.value).length > 0) return [];
  const message = `no model of the catalogue is known to be of tier ${least.value} or more`;
  return [{ at: spanOf(least.source), message, help: 'register one: drover models register, or ask for less' }];
}

function fittingIn(sizes: Readonly<Record<string, number>>, tier: number): string[] {
  return Object.keys(sizes).filter((name) => tierOf(sizes[name] ?? 0) >= tier);
}
