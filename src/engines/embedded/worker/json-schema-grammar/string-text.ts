/** The characters of a JSON string as grammar: single ones, classes of them, any. Pure. */

import { literal } from './rule-book.ts';

/** A set of characters by code point, as ranges. */
export interface CharacterClass {
  readonly ranges: Ranges;
  readonly negated: boolean;
}

type Range = readonly [number, number];
export type Ranges = readonly Range[];

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Characters that stand for themselves in a JSON string: no control, no quote, no backslash, no half of a pair. */
const PLAIN: Ranges = [
  [0x20, QUOTE - 1],
  [QUOTE + 1, BACKSLASH - 1],
  [BACKSLASH + 1, 0x7e],
  [0x80, 0xd7ff],
  [0xe000, 0x10ffff],
];
/** Characters that a string holds only as escapes, beside other control characters, which we never write. */
const ESCAPED = [QUOTE, BACKSLASH, 0x08, 0x09, 0x0a, 0x0c, 0x0d];

const EVERYTHING: CharacterClass = { ranges: [], negated: true };
const ESCAPE = String.raw`"\\" ( ["\\/bfnrt] | "u" ( [0-9a-cA-CefEF] [0-9a-fA-F]{3} | [dD] [0-7] [0-9a-fA-F]{2} ) )`;

/** Any character of a string, escapes included. */
export const ANY_CHARACTER = `${plainText(EVERYTHING) ?? ''} | ${ESCAPE}`;

/** A text as it stands inside of a JSON string. */
export function stringText(text: string): string {
  return literal(JSON.stringify(text).slice(1, -1));
}

/** One character of the class; null when none of it can be written. */
export function classText(characters: CharacterClass): string | null {
  const plain = plainText(characters);
  const escapes = ESCAPED.filter((code) => contains(characters, code)).map((code) =>
    stringText(String.fromCodePoint(code)),
  );
  const alternatives = [...(plain === null ? [] : [plain]), ...escapes];
  if (alternatives.length === 0) return null;
  return alternatives.length === 1 ? (alternatives[0] ?? null) : `( ${alternatives.join(' | ')} )`;
}

/** One character of the class that stands for itself; null when there is none. */
export function plainText(characters: CharacterClass): string | null {
  const { ranges, negated } = characters;
  const members = negated
    ? ranges.reduce<Ranges>((left, range) => left.flatMap((part) => without(part, range)), PLAIN)
    : PLAIN.flatMap((part) => ranges.flatMap((range) => common(part, range)));
  return members.length === 0 ? null : `[${members.map(classRange).join('')}]`;
}

function contains({ ranges, negated }: CharacterClass, code: number): boolean {
  return ranges.some(([first, last]) => code >= first && code <= last) !== negated;
}

function without([first, last]: Range, [from, to]: Range): Ranges {
  const parts: Ranges = [
    [first, Math.min(last, from - 1)],
    [Math.max(first, to + 1), last],
  ];
  return parts.filter(([start, end]) => start <= end);
}

function common([first, last]: Range, [from, to]: Range): Ranges {
  const start = Math.max(first, from);
  const end = Math.min(last, to);
  return start <= end ? [[start, end]] : [];
}

function classRange([first, last]: Range): string {
  return first === last ? classMember(first) : `${classMember(first)}-${classMember(last)}`;
}

/** Code points in a class are written as numbers, so that none means something else there. */
function classMember(code: number): string {
  if (code <= 0xff) return `\\x${hex(code, 2)}`;
  return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(code: number, width: number): string {
  return code.toString(16).toUpperCase().padStart(width, '0');
}
