/** Takes a command out of its line: back-ticks around it are notation, those inside are bash's own. */
import type { SourceText, Span } from '../types.ts';
import type { CutValue } from './field-reader.ts';

const NONE: readonly never[] = [];

/**
 * A command is its back-tick span: the whole value when it starts and ends with one (back-ticks inside are kept), else
 * the first span, as old plans had it; what stands beside it is ignored. An empty one announces a fenced block.
 */
export function cutCommand(source: SourceText): CutValue {
  const { text, line, column } = source;
  if (text === '') return { source, ignored: NONE, absent: true };
  const open = text.indexOf('`');
  if (open < 0) return { source, ignored: NONE };
  const ticks = text.startsWith('``', open) ? 2 : 1;
  const whole = open === 0 && text.length > 2 * ticks && text.endsWith('`'.repeat(ticks));
  const close = whole ? text.length - ticks : text.indexOf('`'.repeat(ticks), open + ticks);
  if (close < 0) return { source, ignored: NONE };
  const start = open + ticks;
  const after = close + ticks;
  const ignored: Span[] = [];
  if (open > 0) ignored.push({ line, column, endColumn: column + open });
  if (after < text.length) ignored.push({ line, column: column + after, endColumn: column + text.length });
  return { source: { text: text.slice(start, close), line, column: column + start }, ignored };
}
