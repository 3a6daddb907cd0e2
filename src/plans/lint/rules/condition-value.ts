/** P047: a `when` that waits for an answer which its decide task cannot give. */
import type { ResolvedTask } from '../../meaning/resolve-task.ts';
import { settledText } from '../../meaning/settled.ts';
import { didYouMean } from '../../suggest.ts';
import { tasksWith } from '../rule.ts';
import type { Finding, LintSubject, Rule } from '../rule.ts';

export const conditionValue: Rule = {
  code: 'P047',
  severity: 'error',
  check: (subject) => tasksWith(subject, 'when').flatMap((task) => impossibleIn(task, subject)),
};

function impossibleIn({ condition }: ResolvedTask, { byId, variables }: LintSubject): Finding[] {
  const options = byId.get(condition?.target ?? '')?.task.fields.options?.value;
  if (condition === undefined || options === undefined) return [];
  const { task, value } = condition.clause;
  const wanted = settledText(value, variables);
  const known = options.flatMap((option) => settledText(option, variables) ?? []);
  if (wanted === undefined || known.length < options.length || known.includes(wanted)) return [];
  const message = `"${wanted}" is none of the options of "${task}"`;
  return [{ at: condition.at, message, ...didYouMean(wanted, known, `they are ${known.join(', ')}`) }];
}
