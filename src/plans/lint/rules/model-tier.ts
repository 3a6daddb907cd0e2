/** P058: a model that is smaller than the task asks for. Silent where the size of the model is not known. */
import { modelOf } from '../../meaning/model.ts';
import { tierOf } from '../../meaning/model-tier.ts';
import type { ResolvedTask } from '../../meaning/resolve-plan.ts';
import { settledText } from '../../meaning/settled.ts';
import { spanOf } from '../../span.ts';
import { tasksWith } from '../rule.ts';
import type { Finding, LintSubject, Rule } from '../rule.ts';

export const modelTier: Rule = {
  code: 'P058',
  severity: 'error',
  check: (subject) => tasksWith(subject, 'llm_min_tier').flatMap((task) => belowIn(task, subject)),
};

function belowIn(resolved: ResolvedTask, { plan, context, variables }: LintSubject): Finding[] {
  const least = resolved.task.fields.llm_min_tier;
  const model = settledText(modelOf(resolved, plan)?.name ?? '', variables) ?? '';
  const sizes = context.modelParameters ?? {};
  const parameters = Object.hasOwn(sizes, model) ? sizes[model] : undefined;
  if (least === undefined || parameters === undefined || tierOf(parameters) >= least.value) return [];
  const fitting = Object.keys(sizes).filter((name) => tierOf(sizes[name] ?? 0) >= least.value);
  const help =
    fitting.length === 0
      ? 'no model of the catalogue is known to be that large'
      : `of that tier are ${fitting.slice(0, 8).join(', ')}`;
  const message = `model "${model}" is of tier ${tierOf(parameters)}, and llm_min_tier asks for ${least.value}`;
  return [{ at: spanOf(least.source), message, help }];
}
