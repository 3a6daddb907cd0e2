/** `((…))`: where it ends, and what in it runs, which is the substitutions. */

import type { Cursor } from './cursor.ts';
import type { WordPart } from './tree.ts';

/** The end of `((…))` whose inside starts at `from`, or -1 when these are two plain parentheses. A backslash hides one. */
export function arithmeticEnd({ text, end }: Cursor, from: number): number {
  let depth = 2;
  for (let index = from; index < end; index += 1) {
    if (text[index] === '\\') return -1;
    if (text[index] === '(') depth += 1;
    if (text[index] === ')') depth -= 1;
    if (depth === 1) return text[index + 1] === ')' && index + 1 < end ? index : -1;
  }
  return -1;
}

/** Reads the inside, which starts here, up to its end, and goes on behind it; `expand` reads text with expansions. */
export function readArithmetic(cursor: Cursor, end: number, expand: () => readonly WordPart[]): void {
  cursor.within(end, () => {
    const quoted = expand().some((part) => part.kind === 'text' && /['"]/.test(part.text));
    if (quoted) cursor.fail('quotes in arithmetic');
  });
  cursor.pos = end + 2;
}
