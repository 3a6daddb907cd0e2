/** P012: a fenced block without an end swallows the rest of the plan. */
import type { Rule } from '../rule.ts';

export const unclosedFence: Rule = {
  code: 'P012',
  severity: 'error',
  check: ({ plan }) =>
    plan.tasks
      .flatMap((task) => [...(task.body === undefined ? [] : [task.body]), ...task.furtherBodies])
      .filter((body) => !body.closed)
      .map((body) => ({
        at: body.at,
        message: 'this fenced block is not closed',
        help: 'close it with a line of as many back-ticks as it opens with',
      })),
};
