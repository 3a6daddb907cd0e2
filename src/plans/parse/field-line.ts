/**
 * Reads one line as a field: the exact `- **name**: value`, or something close enough to be meant as one. It asks for
 * the names of fields only to recognise slips.
 */
import { isFieldName } from './fields.ts';
import { plainList } from './lists.ts';
import type { SourceText } from '../types.ts';

export type FieldLine =
  | { readonly kind: 'field'; readonly name: string; readonly nameColumn: number; readonly value: SourceText }
  | {
      readonly kind: 'near-miss';
      /** A known one. */
      readonly name: string;
      readonly nameColumn: number;
      readonly value: SourceText;
      readonly right: string;
    }
  | { readonly kind: 'bullet' }
  | { readonly kind: 'prose' };

const EXACT = /^-\s+\*\*([^*]+)\*\*:(.*)$/;
/** Bullet (any mark or none), emphasis or code marks, name, marks and colon in any order, value. */
const LOOSE =
  /^([-*+•]\s*|\d{1,3}[.)]\s+)?([*_`]{0,3})([A-Za-z][A-Za-z0-9_ -]{0,30}?)(\s{0,4}[*_`]{0,3}\s{0,4}[:=][*_`]{0,3}|[*_]{2}(?=\s))(.*)$/;

type IsKnown = (name: string) => boolean;

/** `text` is the trimmed line, which starts at `column`. Without `isKnown` the fields are those of tasks. */
export function readFieldLine(text: string, line: number, column: number, isKnown: IsKnown = isFieldName): FieldLine {
  const exact = EXACT.exec(text);
  if (exact?.[1] !== undefined) {
    const name = exact[1].trim();
    const nameColumn = column + text.indexOf('**') + 2;
    const value = valueAt(text, text.length - (exact[2] ?? '').length, line, column);
    const known = isKnown(name) ? undefined : knownName(name, isKnown);
    if (known === undefined) return { kind: 'field', name, nameColumn, value };
    return { kind: 'near-miss', name: known, nameColumn, value, right: rightLine(known, value.text) };
  }
  return readLoosely(text, line, column, isKnown);
}

function readLoosely(text: string, line: number, column: number, isKnown: IsKnown): FieldLine {
  const loose = LOOSE.exec(text);
  const other: FieldLine = { kind: /^([-*+•]|\d{1,3}[.)]\s)/.test(text) ? 'bullet' : 'prose' };
  if (loose?.[3] === undefined) return other;
  const unmarked = loose[1] === undefined && loose[2] === '';
  // Without a bullet only the exact name counts: prose may well begin with "Input: …".
  const exact = isKnown(loose[3]) ? loose[3] : undefined;
  const name = unmarked ? exact : knownName(loose[3], isKnown);
  if (name === undefined) return other;
  const value = valueAt(text, text.length - (loose[5] ?? '').length, line, column);
  const nameColumn = column + (loose[1] ?? '').length + (loose[2] ?? '').length;
  return { kind: 'near-miss', name, nameColumn, value, right: rightLine(name, value.text) };
}

/** The name of a bullet that is no field, for the did-you-mean of lint: `- **Note**: …` or `- note: …`. */
export function looseName(text: string): string | undefined {
  return /^[-*+•]\s*[*_`]{0,3}([A-Za-z][A-Za-z0-9_-]{0,30})[*_`]{0,3}\s*:/.exec(text)?.[1];
}

function knownName(written: string, isKnown: IsKnown): string | undefined {
  const snake = written
    .trim()
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[ -]+/g, '_');
  return isKnown(snake) ? snake : undefined;
}

function rightLine(name: string, value: string): string {
  return `- **${name}**: ${plainList(value)}`.trimEnd();
}

function valueAt(text: string, start: number, line: number, column: number): SourceText {
  const raw = text.slice(start);
  return { text: raw.trim(), line, column: column + start + (raw.length - raw.trimStart().length) };
}
