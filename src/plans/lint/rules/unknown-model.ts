/** P042: a model that the catalogue does not have. Silent when the catalogue is not at hand. */
import { modelOf } from '../../meaning/model.ts';
import type { ResolvedTask } from '../../meaning/resolve-task.ts';
import { settledText } from '../../meaning/settled.ts';
import { spanOf } from '../../span.ts';
import { didYouMean } from '../../suggest.ts';
import { tasksWith } from '../rule.ts';
import type { Finding, LintSubject, Rule } from '../rule.ts';

export const unknownModel: Rule = {
  code: 'P042',
  severity: 'error',
  check: (subject) => {
    const { context, plan, tasks } = subject;
    if (context.modelIds === undefined) return [];
    const candidates = plan.defaults.model === undefined ? tasksWith(subject, 'model', 'llm_model', 'type') : tasks;
    return candidates.flatMap((task) => unknownIn(task, subject));
  },
};

function unknownIn(resolved: ResolvedTask, { plan, context, variables }: LintSubject): Finding[] {
  const choice = modelOf(resolved, plan);
  const isUsed = resolved.type !== 'shell' || resolved.class.taskClass === 'llm' || choice?.field !== undefined;
  const model = choice === undefined || !isUsed ? undefined : settledText(choice.name, variables);
  const ids = context.modelIds ?? [];
  if (model === undefined || ids.includes(model)) return [];
  const at = choice?.field === undefined ? resolved.task.idAt : spanOf(choice.field.source);
  return [{ at, message: `unknown model "${model}"`, ...helpFor(model, resolved, ids) }];
}

function helpFor(model: string, { executor }: ResolvedTask, ids: readonly string[]): { readonly help: string } {
  if (executor === 'brain' && model === 'brain') {
    return {
      help: 'no model of the brain is configured: run "drover config set brain MODEL", or name a model and remove the executor',
    };
  }
  const known =
    ids.length === 0
      ? 'the catalogue is empty: drover models demo makes one'
      : `known are ${ids.slice(0, 8).join(', ')}`;
  return didYouMean(model, ids, known);
}
