/** Cuts comma lists to items with places, and understands lists that are written in the notation of JSON. */
import type { SourceText, Span } from '../types.ts';

/** An item of a comma list with its own place. */
export interface ListItem {
  readonly text: string;
  readonly at: Span;
}

interface ReadList {
  readonly items: readonly ListItem[];
  /** Set when the list is a JSON array: the text as it should be. */
  readonly right?: string;
}

/** A comma list; a JSON array is understood as well. */
export function readList(source: SourceText): ReadList {
  if (!source.text.startsWith('[')) return { items: splitList(source).map(bare) };
  const items = arrayItems(source);
  return { items, right: plainList(source.text) };
}

function arrayItems(source: SourceText): ListItem[] {
  return splitList({ ...source, text: source.text.replace(/^\[/, ' ').replace(/\]$/, ' ') }).map(bare);
}

/** The text of a list as it should be: a JSON array becomes a comma list, everything else stays. */
export function plainList(written: string): string {
  if (!written.startsWith('[')) return written;
  const items = arrayItems({ text: written, line: 1, column: 1 });
  return items.length === 0 ? 'none' : items.map((item) => item.text).join(', ');
}

function bare(item: ListItem): ListItem {
  const text = unquote(item.text);
  return text === item.text ? item : { ...item, text };
}

const QUOTES: ReadonlySet<string> = new Set(['"', "'", '`']);

/** Without the quotes or back-ticks around it. */
export function unquote(written: string): string {
  if (!QUOTES.has(written[0] ?? '')) return written;
  const match = /^(["'`])([^]*)\1$/.exec(written);
  return match?.[2] ?? written;
}

/** Cuts at commas outside quotes, braces and parentheses; empty items vanish. */
export function splitList(source: SourceText): ListItem[] {
  if (!source.text.includes(',')) {
    const item = itemAt(source, 0, source.text.length);
    return item === undefined ? [] : [item];
  }
  const items: ListItem[] = [];
  let start = 0;
  let depth = 0;
  let quote = '';
  for (let index = 0; index <= source.text.length; index += 1) {
    const character = source.text[index] ?? ',';
    const atEnd = index === source.text.length;
    if (quote !== '' && !atEnd) quote = character === quote ? '' : quote;
    else if (character === '"') quote = character;
    else if (character === '(' || character === '{') depth += 1;
    else if (character === ')' || character === '}') depth -= 1;
    else if (character === ',' && (depth <= 0 || atEnd)) {
      const item = itemAt(source, start, index);
      if (item !== undefined) items.push(item);
      start = index + 1;
    }
  }
  return items;
}

function itemAt(source: SourceText, start: number, end: number): ListItem | undefined {
  const raw = source.text.slice(start, end);
  const trimmed = raw.trim();
  if (trimmed === '') return undefined;
  const column = source.column + start + (raw.length - raw.trimStart().length);
  return { text: trimmed, at: { line: source.line, column, endColumn: column + trimmed.length } };
}
