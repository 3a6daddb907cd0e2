/** Places in the plan file: of a text, of a field's value and name, and of a range of offsets within a text. */
import type { Field, SourceText, Span } from './types.ts';

/** The first line of a text. */
export function spanOf({ text, line, column }: SourceText): Span {
  const newline = text.indexOf('\n');
  const width = newline < 0 ? text.length : newline;
  return { line, column, endColumn: column + Math.max(width, 1) };
}

export function nameSpan(name: string, { source, nameColumn }: Field<unknown>): Span {
  return { line: source.line, column: nameColumn, endColumn: nameColumn + name.length };
}

/** The place of an offset range; a range over several lines ends with its first. */
export function placeIn({ text, line, column }: SourceText, start: number, end: number): Span {
  let lineStart = 0;
  let number = line;
  for (let at = text.indexOf('\n'); at >= 0 && at < start; at = text.indexOf('\n', at + 1)) {
    lineStart = at + 1;
    number += 1;
  }
  const newline = text.indexOf('\n', start);
  const lastOffset = newline < 0 ? end : Math.min(end, newline);
  const first = column + start - lineStart;
  return { line: number, column: first, endColumn: Math.max(first + 1, column + lastOffset - lineStart) };
}
