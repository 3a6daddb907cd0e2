/** P030: an undeclared `{UPPER_CASE}` would reach the command as it stands. */
import { RESERVED_NAMES } from '../../variables/placeholders.ts';
import type { Rule } from '../rule.ts';
import { closest } from '../../suggest.ts';
import { placeOf } from '../uses.ts';

export const unknownVariable: Rule = {
  code: 'P030',
  severity: 'error',
  check: ({ uses, declared }) =>
    uses.flatMap((use) => {
      const { placeholder, text, placement } = use;
      // Braces are Python's own, and a comment means nothing.
      const harmless = text.reader === 'python' && !placeholder.raw;
      if (placeholder.kind !== 'unknown' || harmless || placement?.kind === 'untouched') return [];
      const { root } = placeholder;
      const guess = closest(root, [...declared, ...RESERVED_NAMES], 2);
      const meant = guess === undefined ? '' : `did you mean {${guess}}? otherwise `;
      const help = `${meant}declare it: - **${root}**: … under ## Inputs, or write \\{${root}} for the braces themselves`;
      return [{ at: placeOf(use), message: `unresolved variable {${root}}`, help }];
    }),
};
