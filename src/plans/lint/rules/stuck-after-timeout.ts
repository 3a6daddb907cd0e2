/** P063: a task that times out before it could count as stuck. */
import { TASK_DEFAULTS } from '../../meaning/task-defaults.ts';
import { spanOf } from '../../span.ts';
import { tasksWith } from '../rule.ts';
import type { Rule } from '../rule.ts';

export const stuckAfterTimeout: Rule = {
  code: 'P063',
  severity: 'warning',
  check: (subject) =>
    tasksWith(subject, 'stuck_after').flatMap(({ task: { fields } }) => {
      const { stuck_after: stuck, timeout } = fields;
      const limit = timeout?.value ?? subject.plan.defaults.timeout ?? TASK_DEFAULTS.timeoutMs;
      if (stuck === undefined || stuck.value < limit) return [];
      const message = `stuck_after has no effect: the timeout of ${limit / 1000} s comes first`;
      return [{ at: spanOf(stuck.source), message, help: 'lower stuck_after, or raise the timeout' }];
    }),
};
