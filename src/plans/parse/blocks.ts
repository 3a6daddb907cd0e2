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

export function splitLines(source: string): string[] {
  return [...new Lines(source)];
}

/** The lines of a text, each cut when it is asked for: a plan of 100,000 tasks has nearly a million. */
export class Lines {
  /** How many have been handed out. */
  count = 0;
  private readonly text: string;
  private offset = 0;

  constructor(source: string) {
    this.text = source.charCodeAt(0) === 0xfeff ? source.slice(1) : source;
  }

  next(): string | undefined {
    const { text, offset } = this;
    if (offset > text.length) return undefined;
    const newline = text.indexOf('\n', offset);
    const end = newline < 0 ? text.length : newline;
    this.offset = end + 1;
    this.count += 1;
    return text.slice(offset, text[end - 1] === '\r' && end > offset ? end - 1 : end);
  }

  *[Symbol.iterator](): Generator<string, void, void> {
    for (let line = this.next(); line !== undefined; line = this.next()) yield line;
  }
}

/** All but the first so many. */
export function linesAfter(source: string, count: number): Lines {
  const lines = new Lines(source);
  while (lines.count < count) lines.next();
  return lines;
}

/** Hands out the blocks of the lines that are left, one by one. */
export function* scanBlocks(lines: Lines): Generator<Block, void, void> {
  for (let line = lines.next(); line !== undefined; line = lines.next()) {
    const text = line.trim();
    if (text === '') continue;
    const indent = text.length === line.length ? 0 : line.indexOf(text);
    const fence = fenceOf(text);
    if (fence !== undefined) yield { kind: 'fence', body: readFence(lines, line, { ...fence, indent }) };
    else if (text.startsWith('<!--')) skipComment(lines, line);
    else yield headingOf(text, lines.count, indent) ?? { kind: 'line', text, line: lines.count, column: indent + 1 };
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

function readFence(lines: Lines, opening: string, fence: Fence & { readonly indent: number }): Body {
  const { language, indent } = fence;
  const { count: number } = lines;
  const inside: string[] = [];
  let line = lines.next();
  for (; line !== undefined && !closes(line, fence); line = lines.next()) inside.push(outdent(line, indent));
  return {
    language,
    source: { text: inside.join('\n'), line: number + 1, column: indent + 1 },
    at: { line: number, column: indent + 1, endColumn: opening.trimEnd().length + 1 },
    closed: line !== undefined,
  };
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

function skipComment(lines: Lines, opening: string): void {
  let line: string | undefined = opening;
  while (line !== undefined && !line.includes('-->')) line = lines.next();
}
