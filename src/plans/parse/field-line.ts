/**
 * Reads one line as a field: the exact `- **name**: value`, or something close enough to be meant as one. Which names
 * are known is asked only to recognise slips.
 */
import { plainList } from './lists.ts';

export type FieldLine =
  | (NamedLine & { readonly kind: 'field' })
  /** Its name is a known one. */
  | (NamedLine & { readonly kind: 'near-miss'; readonly right: string })
  | { readonly kind: 'bullet' }
  | { readonly kind: 'prose' };

/** Offsets are those in the line. */
interface NamedLine {
  readonly name: string;
  readonly nameStart: number;
  readonly value: string;
  readonly valueStart: number;
}

const EXACT = /^-\s+\*\*([^*]+)\*\*:(.*)$/;
/** Bullet (any mark or none), emphasis or code marks, name, marks and colon in any order, value. */
const LOOSE =
  /^([-*+•]\s*|\d{1,3}[.)]\s+)?([*_`]{0,3})([A-Za-z][A-Za-z0-9_ -]{0,30}?)(\s{0,4}[*_`]{0,3}\s{0,4}[:=][*_`]{0,3}|[*_]{2}(?=\s))(.*)$/;

type IsKnown = (name: string) => boolean;
/** Of the trimmed line. */
export type ReadLine = (text: string) => FieldLine;

/** Bounds what a plan of nothing but different lines can make it remember. */
const MOST_REMEMBERED = 1_000;

/** Reads the lines of one plan: the tasks of a large one say the same few again and again, and these are read once. */
export function readingEachOnce(isKnown: IsKnown): ReadLine {
  const known = new Map<string, FieldLine>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const line = readFieldLine(text, isKnown);
    if (known.size < MOST_REMEMBERED) known.set(text, line);
    return line;
  };
}

/** `text` is the trimmed line; `isKnown` says which names are fields. */
export function readFieldLine(text: string, isKnown: IsKnown): FieldLine {
  const exact = EXACT.exec(text);
  if (exact?.[1] === undefined) return readLoosely(text, isKnown);
  const name = exact[1].trim();
  const nameStart = text.indexOf('**') + 2;
  const value = valueOf(text, exact[2]);
  const known = isKnown(name) ? undefined : knownName(name, isKnown);
  if (known === undefined) return { kind: 'field', name, nameStart, ...value };
  return { kind: 'near-miss', name: known, nameStart, ...value, right: rightLine(known, value.value) };
}

function readLoosely(text: string, isKnown: IsKnown): FieldLine {
  const loose = LOOSE.exec(text);
  const other: FieldLine = { kind: /^([-*+•]|\d{1,3}[.)]\s)/.test(text) ? 'bullet' : 'prose' };
  if (loose?.[3] === undefined) return other;
  const unmarked = loose[1] === undefined && loose[2] === '';
  // Without a bullet only the exact name counts: prose may well begin with "Input: …".
  const exact = isKnown(loose[3]) ? loose[3] : undefined;
  const name = unmarked ? exact : knownName(loose[3], isKnown);
  if (name === undefined) return other;
  const value = valueOf(text, loose[5]);
  const nameStart = (loose[1] ?? '').length + (loose[2] ?? '').length;
  return { kind: 'near-miss', name, nameStart, ...value, right: rightLine(name, value.value) };
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

/** `raw` is the end of the line. */
function valueOf(text: string, raw = ''): Pick<NamedLine, 'value' | 'valueStart'> {
  return { value: raw.trim(), valueStart: text.length - raw.trimStart().length };
}
