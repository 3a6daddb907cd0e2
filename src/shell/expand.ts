/**
 * The words of a command as bash would hand them over, as far as that can be told beforehand: quotes taken off, braces
 * opened, variables with known values put in. What is known only when it runs is a mark in the text. Pure.
 */

import type { SimpleCommand, Word, WordPart } from './tree.ts';

/** Stands for a value that only the running command knows. */
export const UNKNOWN = '\uE000';
/** The same for what a command prints. */
const COMPUTED = '\uE001';
/** The same for what comes from elsewhere, or was encoded: downloads and decoders. */
export const FETCHED = '\uE002';
const MARKS = /[\uE000-\uE002]/;

export function isCertain(text: string): boolean {
  return !MARKS.test(text);
}

/** All values that a variable may have; undefined: nothing is known of it. */
export type Variables = (name: string) => readonly string[] | undefined;

const MOST_READINGS = 8;
const MOST_BRACES = 64;
/** Unquoted characters that mean something to braces, until those are opened. */
const OPEN = '\uE010';
const COMMA = '\uE011';
const CLOSE = '\uE012';
const FETCHERS: ReadonlySet<string> = new Set(
  'curl wget fetch aria2c nc ncat netcat socat ftp sftp scp lynx base64 base32 basenc xxd uudecode openssl gpg'.split(
    ' ',
  ),
);

/** The words of a command, once for each combination of values that its variables may have (eight at most). */
export function readingsOf(words: readonly Word[], variables: Variables): readonly (readonly string[])[] {
  const names = [...new Set(['IFS', ...words.flatMap(({ parts }) => parts.flatMap(namesIn))])];
  const count = Math.max(1, ...names.map((name) => variables(name)?.length ?? 1));
  return Array.from({ length: Math.min(count, MOST_READINGS) }, (_, turn) => {
    const choose = (name: string): string | undefined => {
      const values = variables(name);
      return values?.[turn % values.length];
    };
    return words.flatMap((word) => fieldsOf(word, choose));
  });
}

function namesIn(part: WordPart): string[] {
  if (part.kind !== 'parameter') return [];
  return [...(part.name === null ? [] : [part.name]), ...(part.fallback ?? []).flatMap(namesIn)];
}

type Choose = (name: string) => string | undefined;

/** A piece of a word: unquoted values fall apart at blanks, and at what the text makes of `IFS`. */
interface Piece {
  readonly text: string;
  readonly splits: boolean;
}

function fieldsOf({ parts }: Word, choose: Choose): string[] {
  const pieces = parts.flatMap((part, index) => piecesOf(part, choose, index === 0));
  const blanks = ` \t\n${choose('IFS') ?? ''}`;
  const fields: string[] = [''];
  for (const { text, splits } of pieces) {
    const [first = '', ...others] = splits ? splitAt(text, blanks) : [text];
    fields[fields.length - 1] += first;
    fields.push(...others);
  }
  const isValue = pieces.length > 0 && pieces.every(({ splits }) => splits);
  return fields.filter((field) => field !== '' || !isValue).flatMap(openBraces);
}

function splitAt(text: string, blanks: string): string[] {
  const plain = [...text].map((character) => (blanks.includes(character) ? ' ' : character));
  return plain.join('').split(/ +/);
}

function piecesOf(part: WordPart, choose: Choose, first: boolean): Piece[] {
  switch (part.kind) {
    case 'text':
      return [{ text: part.quoted ? part.text : unquoted(part.text, choose, first), splits: false }];
    case 'parameter':
      return parameterPieces(part, choose);
    case 'substitution':
      return [{ text: outputOf(part.commands, choose), splits: !part.quoted }];
    case 'process':
      return [{ text: `/dev/fd/${outputOf(part.commands, choose)}`, splits: false }];
    case 'arithmetic':
      return [{ text: UNKNOWN, splits: false }];
  }
}

function unquoted(text: string, choose: Choose, first: boolean): string {
  const home = first && /^~(?=\/|$)/.test(text) ? choose('HOME') : undefined;
  const opened = home === undefined ? text : `${home}${text.slice(1)}`;
  return opened.replaceAll('{', OPEN).replaceAll(',', COMMA).replaceAll('}', CLOSE);
}

function parameterPieces(part: Extract<WordPart, { kind: 'parameter' }>, choose: Choose): Piece[] {
  const value = part.name === 'IFS' ? ' ' : part.name === null ? undefined : choose(part.name);
  if (value !== undefined && value !== '' && isCertain(value)) return [{ text: value, splits: !part.quoted }];
  const fallback = part.fallback?.flatMap((each) => piecesOf(each, choose, false)) ?? [];
  if (fallback.length > 0) return fallback.map(({ text }) => ({ text, splits: !part.quoted }));
  return [{ text: value ?? UNKNOWN, splits: !part.quoted }];
}

/** What a substitution puts in: the words of a plain `echo`, the name that `which` looks up, else a mark. */
function outputOf(commands: readonly SimpleCommand[], choose: Choose): string {
  const [only, ...others] = commands;
  const words = commands.flatMap((command) => command.words.flatMap((word) => fieldsOf(word, choose)));
  if (only !== undefined && others.length === 0 && only.redirects.length === 0 && words.every(isCertain)) {
    const printed = printedBy(words);
    if (printed !== null) return printed;
  }
  return words.some((word) => FETCHERS.has(word.slice(word.lastIndexOf('/') + 1)) || word.includes(FETCHED))
    ? FETCHED
    : COMPUTED;
}

function printedBy([program, ...rest]: readonly string[]): string | null {
  if (program === 'echo') return rest.filter((word) => !/^-[neE]+$/.test(word)).join(' ');
  if (program === 'printf' && rest.length === 1 && !/[%\\]/.test(rest[0] ?? '')) return rest[0] ?? null;
  if (program === 'printf' && rest.length === 2 && rest[0] === '%s') return rest[1] ?? null;
  if (program === 'which' && rest.length === 1) return rest[0] ?? null;
  return program === 'command' && rest[0] === '-v' && rest.length === 2 ? (rest[1] ?? null) : null;
}

/** `{a,b}` of unquoted text; braces without a comma stay. */
function openBraces(field: string): string[] {
  const open: string[] = [field];
  const done: string[] = [];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const choice = innermost(next);
    if (choice === null || open.length + done.length >= MOST_BRACES) done.push(closeBraces(next));
    else open.unshift(...choice);
  }
  return done;
}

const CHOICE = new RegExp(`${OPEN}([^${OPEN}${CLOSE}]*${COMMA}[^${OPEN}${CLOSE}]*)${CLOSE}`);

function innermost(field: string): string[] | null {
  const found = CHOICE.exec(field);
  if (found === null) return null;
  const [whole, inside = ''] = found;
  return inside
    .split(COMMA)
    .map((choice) => field.slice(0, found.index) + choice + field.slice(found.index + whole.length));
}

function closeBraces(field: string): string {
  return field.replaceAll(OPEN, '{').replaceAll(COMMA, ',').replaceAll(CLOSE, '}');
}
