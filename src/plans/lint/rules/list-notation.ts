/** P004: lists written as JSON arrays or as nested bullets. */
import type { Rule } from '../rule.ts';

export const listNotation: Rule = {
  code: 'P004',
  severity: 'error',
  check: ({ oddBlocks }) =>
    oddBlocks.flatMap(({ badFields }) => badFields.filter((field) => field.problem === 'list-notation')),
};
