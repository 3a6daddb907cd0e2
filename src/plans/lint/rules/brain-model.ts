/** P062: the brain's model is asked for by the executor, never by its name; and the executor leaves no choice of one. */
import { asks, BRAIN_MODEL } from '../../meaning/model.ts';
import type { ResolvedTask } from '../../meaning/resolve-task.ts';
import { spanOf } from '../../span.ts';
import { tasksWith } from '../rule.ts';
import type { Finding, Rule } from '../rule.ts';

export const brainModel: Rule = {
  code: 'P062',
  severity: 'error',
  check: (subject) => tasksWith(subject, 'model', 'llm_model').flatMap(wrongIn),
};

function wrongIn({ task: { fields }, executor, type }: ResolvedTask): Finding[] {
  const field = fields.model ?? fields.llm_model;
  if (field === undefined) return [];
  const at = spanOf(field.source);
  if (executor === 'brain' && asks(type)) {
    const message = 'executor: brain asks the model of the brain, and this names one';
    return [{ at, message, help: 'remove the model, or the executor' }];
  }
  if (field.value !== BRAIN_MODEL) return [];
  const help = asks(type) ? 'remove it and write - **executor**: brain' : 'name a model of the catalogue';
  return [{ at, message: 'plans do not name the model of the brain', help }];
}
