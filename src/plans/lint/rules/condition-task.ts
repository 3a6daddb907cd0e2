/** P046: a `when` that does not name one decide task. */
import type { ResolvedTask } from '../../meaning/resolve-task.ts';
import { tasksWith } from '../rule.ts';
import type { Finding, LintSubject, Rule } from '../rule.ts';

export const conditionTask: Rule = {
  code: 'P046',
  severity: 'error',
  check: (subject) => tasksWith(subject, 'when').flatMap((task) => misdirectedIn(task, subject)),
};

function misdirectedIn({ task, condition }: ResolvedTask, { byId }: LintSubject): Finding[] {
  const decider = byId.get(condition?.target ?? '');
  if (condition === undefined || decider === undefined || decider.task === task) return [];
  const { id, fields } = decider.task;
  if (decider.type !== 'decide') {
    const message = `when needs a decide task, and "${id}" is of type ${decider.type}`;
    return [
      { at: condition.at, message, help: 'give that task - **type**: decide, or let the command decide: test … && …' },
    ];
  }
  if (fields.foreach === undefined || condition.perItem !== undefined) return [];
  const message = `"${id}" decides once for each item of its list, and this task has another list or none`;
  const help = `expand this task over the same list, or over one with the same ids: when: ${id}_{ITEM.id} ${condition.clause.operator} …`;
  return [{ at: condition.at, message, help }];
}
