/** P027: a class that is missing or no class; it is inferred from the command, and said so. */
import type { ResolvedTask } from '../../meaning/resolve-task.ts';
import { TASK_CLASSES } from '../../parse/fields.ts';
import type { Finding, Rule } from '../rule.ts';

export const taskClass: Rule = {
  code: 'P027',
  severity: 'warning',
  check: ({ tasks }) => tasks.flatMap(inferredIn),
};

function inferredIn({ task, class: choice }: ResolvedTask): Finding[] {
  const wrong = task.badFields.find(({ problem }) => problem === 'unknown-class');
  const help = `write - **task_class**: ${choice.taskClass}, or what it is: ${TASK_CLASSES.join(', ')}`;
  if (wrong !== undefined) {
    return [{ at: wrong.at, message: `task_class: ${wrong.message}; "${choice.taskClass}" is assumed`, help }];
  }
  if (choice.problem === undefined) return [];
  const message = `"${task.id}" has no task_class; "${choice.taskClass}" is assumed from its command`;
  return [{ at: task.idAt, message, help }];
}
