/** Strings: any, of a length, of a format, of a pattern. Pure. */

import { PatternError, patternText } from './pattern.ts';
import { MOST_REPEATED, oneOf, repeated } from './rule-book.ts';
import type { RuleBook } from './rule-book.ts';
import { SchemaError } from './schema-error.ts';
import type { Schema } from './schema-error.ts';
import { wholeField } from './schema-fields.ts';
import { ANY_CHARACTER } from './string-text.ts';

const HEX = '[0-9a-fA-F]';
const DAY_28 = '( "0" [1-9] | "1" [0-9] | "2" [0-8] )';
/** Every day that its month has in every year. */
const MONTH_AND_DAY = oneOf([
  `"02-" ${DAY_28}`,
  `( "04" | "06" | "09" | "11" ) "-" ( "0" [1-9] | [1-2] [0-9] | "30" )`,
  `( "01" | "03" | "05" | "07" | "08" | "10" | "12" ) "-" ( "0" [1-9] | [1-2] [0-9] | "3" [01] )`,
]);
const DATE = `[0-9]{4} "-" ${MONTH_AND_DAY}`;
const HOUR_AND_MINUTE = '( [01] [0-9] | "2" [0-3] ) ":" [0-5] [0-9]';
const TIME = `${HOUR_AND_MINUTE} ":" [0-5] [0-9] ( "." [0-9]{1,6} )? ( "Z" | [-+] ${HOUR_AND_MINUTE} )`;
const BYTE = '( [0-9] | [1-9] [0-9] | "1" [0-9] [0-9] | "2" [0-4] [0-9] | "25" [0-5] )';
const LABEL = '[a-z0-9] ( [a-z0-9-]{0,30} [a-z0-9] )?';

const FORMATS: Readonly<Record<string, string>> = {
  date: DATE,
  time: TIME,
  'date-time': `${DATE} "T" ${TIME}`,
  uuid: `${HEX}{8} "-" ${HEX}{4} "-" ${HEX}{4} "-" ${HEX}{4} "-" ${HEX}{12}`,
  email: `[a-z0-9] ( [a-z0-9_+-]{0,30} [a-z0-9] )? "@" ( ${LABEL} "." ){1,3} [a-z]{2,10}`,
  hostname: `( ${LABEL} "." ){0,3} ${LABEL}`,
  ipv4: `${BYTE} ( "." ${BYTE} ){3}`,
};

export function stringRule(schema: Schema, place: string, book: RuleBook): string {
  const { pattern, format } = schema;
  const least = wholeField(schema, 'minLength', place) ?? 0;
  const most = wholeField(schema, 'maxLength', place) ?? Infinity;
  const sized = least > 0 || most < Infinity;
  const asked = [
    ...(sized ? ['minLength or maxLength'] : []),
    ...(['pattern', 'format'] as const).filter((name) => schema[name] !== undefined),
  ];
  if (asked.length > 1) {
    throw new SchemaError(asked[1] ?? '', place, `cannot be kept together with ${asked[0] ?? ''}`);
  }
  if (pattern !== undefined) return quoted(patternRule(pattern, place, book));
  if (format !== undefined) return quoted(formatRule(format, place));
  return quoted(lengthRule(least, most, place, book));
}

export function anyCharacter(book: RuleBook): string {
  return book.has('char') ? 'char' : book.define('char', ANY_CHARACTER);
}

function quoted(text: string): string {
  return String.raw`"\"" ${text} "\""`;
}

function lengthRule(least: number, most: number, place: string, book: RuleBook): string {
  if (least > most) throw new SchemaError('maxLength', place, 'is smaller than minLength');
  const longest = most === Infinity ? least : most;
  if (longest > MOST_REPEATED) {
    const keyword = most === Infinity ? 'minLength' : 'maxLength';
    throw new SchemaError(keyword, place, `cannot be kept beyond ${MOST_REPEATED}`);
  }
  return repeated(anyCharacter(book), least, most);
}

function formatRule(format: unknown, place: string): string {
  const rule = typeof format === 'string' && Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (rule !== undefined) return rule;
  const known = Object.keys(FORMATS).join(', ');
  throw new SchemaError('format', place, `cannot be kept for ${JSON.stringify(format)}; known formats: ${known}`);
}

function patternRule(pattern: unknown, place: string, book: RuleBook): string {
  if (typeof pattern !== 'string') throw new SchemaError('pattern', place, 'must be a string');
  try {
    return patternText(pattern, book, anyCharacter(book));
  } catch (cause) {
    if (!(cause instanceof PatternError)) throw cause;
    throw new SchemaError('pattern', place, `cannot be kept: it ${cause.message}`);
  }
}
