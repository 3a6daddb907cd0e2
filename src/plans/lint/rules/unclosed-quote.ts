/** P036: a command that bash would refuse for an unclosed quote or parenthesis. */
import type { Rule } from '../rule.ts';
import { shellProblem } from '../uses.ts';

export const unclosedQuote: Rule = {
  code: 'P036',
  severity: 'error',
  check: ({ tasks }) =>
    tasks.flatMap((task) => {
      const found = shellProblem(task);
      if (found === undefined) return [];
      return [
        { at: found.at, message: found.problem.message, help: 'close it, or put the command in a fenced bash block' },
      ];
    }),
};
