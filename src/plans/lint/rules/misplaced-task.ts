/** P013: a task-like heading outside `## Tasks` is not a task. */
import type { Rule } from '../rule.ts';

export const misplacedTask: Rule = {
  code: 'P013',
  severity: 'warning',
  check: ({ plan }) =>
    plan.misplacedTasks.map(({ id, at }) => ({
      at,
      message: `"${id}" looks like a task but does not stand under ## Tasks`,
      help: 'move it under ## Tasks to run it',
    })),
};
