/** P021: a task that waits for itself. */
import type { Rule } from '../rule.ts';

export const selfDependency: Rule = {
  code: 'P021',
  severity: 'error',
  check: ({ tasks }) =>
    tasks.flatMap(({ task, dependencies }) =>
      dependencies
        .filter(({ target }) => target === task.id)
        .map(({ ref }) => ({
          at: ref.at,
          message: `"${task.id}" depends on itself`,
          help: 'a task cannot wait for itself: remove it',
        })),
    ),
};
