/** P042: a model that the catalogue does not have. Silent when the catalogue is not at hand. */
import type { ResolvedTask } from '../../meaning/resolve-plan.ts';
import { spanOf } from '../../span.ts';
import type { Field } from '../../types.ts';
import { findPlaceholders, placeholderText } from '../../variables/placeholders.ts';
import type { Finding, LintSubject, Rule } from '../rule.ts';
import { didYouMean } from '../../suggest.ts';

export const unknownModel: Rule = {
  code: 'P042',
  severity: 'error',
  check: (subject) =>
    subject.context.modelIds === undefined ? [] : subject.tasks.flatMap((task) => unknownIn(task, subject)),
};

function unknownIn({ task }: ResolvedTask, subject: LintSubject): Finding[] {
  const ids = subject.context.modelIds ?? [];
  return [task.fields.model, task.fields.llm_model].flatMap((field) => {
    const model = field === undefined ? undefined : settled(field, subject);
    if (field === undefined || model === undefined || ids.includes(model)) return [];
    const known =
      ids.length === 0
        ? 'the catalogue is empty: drover models demo makes one'
        : `known are ${ids.slice(0, 8).join(', ')}`;
    return [{ at: spanOf(field.source), message: `unknown model "${model}"`, ...didYouMean(model, ids, known) }];
  });
}

/** The model's name with variables in place; undefined while one has no value yet. */
function settled({ value }: Field<string>, { variables, declared }: LintSubject): string | undefined {
  const placeholders = findPlaceholders(value, declared);
  if (placeholders.some(({ root }) => !Object.hasOwn(variables, root))) return undefined;
  return placeholders.reduce(
    (name, placeholder) => name.replace(placeholderText(placeholder), () => variables[placeholder.root] ?? ''),
    value,
  );
}
