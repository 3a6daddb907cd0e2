/**
 * The line scanner: cuts a plan's text into headings, lines and fenced blocks, each with its place. It knows fences
 * and comments, but no sections and no fields. One pass, no backtracking.
 */
import type { Body, Span } from '../types.ts';

export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly title: string; readonly at: Span }
  /** A line that is not blank; `text` is trimmed and starts at `column`. */
  | { readonly kind: 'line'; readonly text: string; readonly line: number; readonly column: number }
  | { readonly kind: 'fence'; readonly body: Body };

export interface SourceLines {
  readonly lines: readonly string[];
  /** Index of the first line to scan. */
  readonly from: number;
}

export function splitLines(source: string): string[] {
  const text = source.charCodeAt(0) === 0xfeff ? source.slice(1) : source;
  return text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}

/** Hands out blocks one by one: a plan of 100,000 tasks has half a million. */
export function* scanBlocks({ lines, from }: SourceLines): Generator<Block, void, void> {
  let index = from;
  while (index < lines.length) {
    const line = lines[index] ?? '';
    const text = line.trim();
    const indent = text === '' ? 0 : line.indexOf(text);
    const fence = fenceOf(text);
    if (fence !== undefined) {
      const { body, next } = readFence({ lines, from: index }, fence, indent);
      yield { kind: 'fence', body };
      index = next;
    } else if (text.startsWith('<!--')) index = skipComment(lines, index);
    else {
      index += 1;
      if (text !== '') yield headingOf(text, index, indent) ?? { kind: 'line', text, line: index, column: indent + 1 };
    }
  }
}

function headingOf(text: string, line: number, indent: number): Block | undefined {
  if (indent > 3 || !text.startsWith('#')) return undefined;
  let level = 0;
  while (text[level] === '#') level += 1;
  const rest = text.slice(level);
  if (level > 6 || (rest !== '' && !/^\s/.test(rest))) return undefined;
  const title = rest.trim();
  const column = indent + 1 + level + (rest.length - rest.trimStart().length);
  return { kind: 'heading', level, title, at: { line, column, endColumn: column + Math.max(title.length, 1) } };
}

interface Fence {
  readonly mark: string;
  readonly length: number;
  readonly language: string;
}

function fenceOf(text: string): Fence | undefined {
  const mark = text[0];
  if (mark !== '`' && mark !== '~') return undefined;
  let length = 0;
  while (text[length] === mark) length += 1;
  const info = text.slice(length).trim();
  // A back-tick in the rest means a code span such as ```x```, not the start of a block.
  if (length < 3 || (mark === '`' && info.includes('`'))) return undefined;
  return { mark, length, language: (info.split(/\s/)[0] ?? '').toLowerCase() };
}

function readFence({ lines, from }: SourceLines, fence: Fence, indent: number): { body: Body; next: number } {
  let end = from + 1;
  while (end < lines.length && !closes(lines[end] ?? '', fence)) end += 1;
  const opening = lines[from] ?? '';
  const text = lines.slice(from + 1, end).map((line) => outdent(line, indent));
  const body: Body = {
    language: fence.language,
    source: { text: text.join('\n'), line: from + 2, column: indent + 1 },
    at: { line: from + 1, column: indent + 1, endColumn: opening.trimEnd().length + 1 },
    closed: end < lines.length,
  };
  return { body, next: end + 1 };
}

function closes(line: string, fence: Fence): boolean {
  const text = line.trim();
  if (text.length < fence.length || text[0] !== fence.mark) return false;
  for (const character of text) if (character !== fence.mark) return false;
  return true;
}

function outdent(line: string, indent: number): string {
  let column = 0;
  while (column < indent && (line[column] === ' ' || line[column] === '\t')) column += 1;
  return line.slice(column);
}

function skipComment(lines: readonly string[], from: number): number {
  let index = from;
  while (index < lines.length && !(lines[index] ?? '').includes('-->')) index += 1;
  return index + 1;
}
