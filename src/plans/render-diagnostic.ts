/** Draws diagnostics: place and message, the source line with a caret below, the help. Plain text, no colours. */
import type { Diagnostic } from '../contract/diagnostics.ts';
import { splitLines } from './parse/blocks.ts';

const INDENT = '    ';
const TAB = 4;
/** Cells of a source line that are shown at most. */
const WINDOW = 160;
const CONTEXT_BEFORE = 60;
/** A message or a help may quote what it is about; more of it says nothing more. */
const LONGEST_TEXT = 400;

/**
 * An empty line between two. `source` is the text of the file that they are about; without it no lines are drawn.
 */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], source: string | undefined): string {
  const lines = source === undefined ? [] : splitLines(source);
  return diagnostics.map((diagnostic) => renderWithLines(diagnostic, lines)).join('\n\n');
}

function renderWithLines(diagnostic: Diagnostic, lines: readonly string[]): string {
  const { file, line, column, severity, code, message, help } = diagnostic;
  const parts = [`${file}:${line}:${column}: ${severity} ${code} ${readable(message)}`];
  const sourceLine = lines[line - 1];
  if (sourceLine !== undefined) parts.push(...excerpt(sourceLine, diagnostic));
  if (help !== undefined) parts.push(`help: ${readable(help)}`);
  return parts.join('\n');
}

interface Cell {
  readonly text: string;
  readonly width: number;
  /** Column of the UTF-16 unit it starts with. */
  readonly column: number;
}

function excerpt(line: string, { column, endColumn }: Diagnostic): string[] {
  const from = Math.max(0, column - 1 - CONTEXT_BEFORE);
  // A long line is shown around its caret only.
  const start = line.length <= WINDOW ? 0 : from;
  const shown = cells(line.slice(start, start + WINDOW), start + 1);
  const end = Math.max(endColumn ?? column + 1, column + 1);
  const before = width(shown.filter((cell) => cell.column < column));
  const marked = Math.max(1, width(shown.filter((cell) => cell.column >= column && cell.column < end)));
  const text = shown.map((cell) => cell.text).join('');
  return [`${INDENT}${text}`.trimEnd(), `${INDENT}${' '.repeat(before)}^${'~'.repeat(marked - 1)}`];
}

function width(some: readonly Cell[]): number {
  return some.reduce((sum, cell) => sum + cell.width, 0);
}

function cells(line: string, firstColumn: number): Cell[] {
  const list: Cell[] = [];
  let column = firstColumn;
  let at = 0;
  for (const character of line) {
    const size = character === '\t' ? TAB - (at % TAB) : cellWidth(character.codePointAt(0) ?? 0);
    list.push({ text: character === '\t' ? ' '.repeat(size) : printable(character), width: size, column });
    column += character.length;
    at += size;
  }
  return list;
}

function readable(text: string): string {
  return printable(text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT - 1)}…`);
}

/** Control characters could move the cursor or recolour a terminal. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

/** Inclusive ranges of characters that take no cell (marks, joiners, selectors) or two (East Asian wide, emoji). */
const NARROW: readonly (readonly [number, number])[] = [
  [0x300, 0x36f],
  [0x200b, 0x200d],
  [0x20d0, 0x20ff],
  [0xfe00, 0xfe0f],
];
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

function cellWidth(code: number): number {
  if (isIn(NARROW, code)) return 0;
  return isIn(WIDE, code) ? 2 : 1;
}

function isIn(ranges: readonly (readonly [number, number])[], code: number): boolean {
  return ranges.some(([from, to]) => code >= from && code <= to);
}
