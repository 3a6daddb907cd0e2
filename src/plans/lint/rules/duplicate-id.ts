/** P009: two tasks with one id. */
import type { Rule } from '../rule.ts';

export const duplicateId: Rule = {
  code: 'P009',
  severity: 'error',
  check: ({ plan, byId }) => {
    if (byId.size === plan.tasks.length) return [];
    return plan.tasks.flatMap((task) => {
      const first = byId.get(task.id)?.task;
      if (first === undefined || first === task || task.id === '') return [];
      const message = `duplicate id "${task.id}": it is on line ${first.idAt.line} already`;
      return [{ at: task.idAt, message, help: 'give one of the two another id' }];
    });
  },
};
