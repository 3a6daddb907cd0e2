/** P036: a command that bash would refuse for an unclosed quote or parenthesis. */
import type { Rule } from '../rule.ts';

export const unclosedQuote: Rule = {
  code: 'P036',
  severity: 'error',
  check: ({ unclosed }) =>
    unclosed.map(({ at, message }) => ({
      at,
      message,
      help: 'close it, or put the command in a fenced bash block',
    })),
};
