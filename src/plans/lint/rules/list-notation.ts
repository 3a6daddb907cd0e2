/** P004: lists written as JSON arrays or as nested bullets. */
import type { Rule } from '../rule.ts';

export const listNotation: Rule = {
  code: 'P004',
  severity: 'error',
  check: ({ oddBlocks }) =>
    oddBlocks.flatMap(({ badFields, nearMisses }) => {
      // The right line of P003 has the list in its right form.
      const told = new Set(nearMisses.map(({ at }) => at.line));
      return badFields.filter(({ problem, at }) => problem === 'list-notation' && !told.has(at.line));
    }),
};
