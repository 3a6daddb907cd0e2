/** P061: a class beside a type that has a class of its own, which is used. */
import { nameSpan } from '../../span.ts';
import { tasksWith } from '../rule.ts';
import type { Rule } from '../rule.ts';

export const classForType: Rule = {
  code: 'P061',
  severity: 'warning',
  check: (subject) =>
    tasksWith(subject, 'type').flatMap(({ type, task, class: { taskClass } }) => {
      const field = task.fields.task_class;
      if (type === 'shell' || field === undefined || field.value === taskClass) return [];
      const message = `a ${type} task is of class ${taskClass}; "${field.value}" has no effect`;
      return [
        { at: nameSpan('task_class', field), message, help: `remove it, or write - **task_class**: ${taskClass}` },
      ];
    }),
};
