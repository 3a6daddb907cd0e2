/** Numbers within bounds, as digits. Pure. What is written is within the bounds; not every number within is written. */

import { literal, oneOf } from './rule-book.ts';

/** Bounds of a number; infinite where there is none. */
export interface Bounds {
  readonly least: number;
  readonly leastExcluded: boolean;
  readonly most: number;
  readonly mostExcluded: boolean;
}

/** Digits that a double keeps. */
const DIGITS = 15;
const LARGEST = 10 ** DIGITS - 1;
const DECIMALS = `"." [0-9]{1,${DIGITS}}`;

/** A whole number within the bounds; null when there is none. */
export function integerRule(bounds: Bounds): string | null {
  const least = bounds.leastExcluded ? Math.floor(bounds.least) + 1 : Math.ceil(bounds.least);
  const most = bounds.mostExcluded ? Math.ceil(bounds.most) - 1 : Math.floor(bounds.most);
  const alternatives = [wholeBetween(Math.max(0, least), most), negative(wholeBetween(Math.max(1, -most), -least))];
  return choice(alternatives);
}

/** A number within the bounds; null when there is none that this can write. */
export function numberRule(bounds: Bounds): string | null {
  const { least, leastExcluded, most, mostExcluded } = bounds;
  const above = least < 0 ? { least: 0, leastExcluded: false } : { least, leastExcluded };
  const below =
    most > 0 ? { least: 0, leastExcluded: true } : { least: -most, leastExcluded: mostExcluded || most === 0 };
  return choice([
    magnitude({ ...above, most, mostExcluded }),
    negative(magnitude({ ...below, most: -least, mostExcluded: leastExcluded })),
  ]);
}

function choice(alternatives: readonly (string | null)[]): string | null {
  const possible = alternatives.filter((alternative) => alternative !== null);
  return possible.length === 0 ? null : oneOf(possible);
}

function negative(rule: string | null): string | null {
  return rule === null ? null : `"-" ${rule}`;
}

/** Numbers of at least zero: the whole ones, those between two whole ones, and those beside a broken bound. */
function magnitude({ least, leastExcluded, most, mostExcluded }: Bounds): string | null {
  if (most < least || (most === least && (leastExcluded || mostExcluded))) return null;
  const first = Math.ceil(least);
  const last = Math.floor(most);
  const openAtFirst = leastExcluded && first === least;
  return choice([
    wholeBetween(openAtFirst ? first + 1 : first, mostExcluded && last === most ? last - 1 : last),
    followedBy(wholeBetween(openAtFirst ? first + 1 : first, last - 1), DECIMALS),
    openAtFirst && first < last ? `${literal(String(first))} "." [0-9]{0,${DIGITS - 1}} [1-9]` : null,
    ...besideBrokenBounds({ least, leastExcluded, most, mostExcluded }),
  ]);
}

function followedBy(rule: string | null, tail: string): string | null {
  return rule === null ? null : `${rule} ${tail}`;
}

/** `2.25` to below 3, 7 to `7.5`: the part after the point has as many digits as the bound, and two more. */
function besideBrokenBounds({ least, leastExcluded, most, mostExcluded }: Bounds): readonly (string | null)[] {
  const width = Math.min(DIGITS, Math.max(decimals(least), decimals(most)) + 2);
  const scale = 10 ** width;
  const low = Math.round((least - Math.floor(least)) * scale) + (leastExcluded ? 1 : 0);
  const high = Math.round((most - Math.floor(most)) * scale) - (mostExcluded ? 1 : 0);
  if (Math.floor(least) === Math.floor(most)) {
    return [Number.isInteger(least) && Number.isInteger(most) ? null : fraction(Math.floor(least), low, high, width)];
  }
  return [
    Number.isInteger(least) ? null : fraction(Math.floor(least), low, scale - 1, width),
    Number.isInteger(most) || most === Infinity ? null : fraction(Math.floor(most), 0, high, width),
  ];
}

function fraction(whole: number, low: number, high: number, width: number): string | null {
  if (high < low) return null;
  return `${literal(`${whole}.`)} ${digitsBetween(padded(low, width), padded(high, width))}`;
}

function decimals(bound: number): number {
  if (!Number.isFinite(bound)) return 0;
  const [mantissa = '', exponent = '0'] = String(bound).split('e');
  return Math.max(0, (mantissa.split('.')[1] ?? '').length - Number(exponent));
}

/** Whole numbers of at least zero; null when there is none. */
function wholeBetween(least: number, most: number): string | null {
  const end = Math.min(most, LARGEST);
  if (end < least) return null;
  if (most === Infinity && least === 0) return `( "0" | [1-9] [0-9]{0,${DIGITS - 1}} )`;
  const alternatives: string[] = [];
  for (let start = least; start <= end;) {
    const width = String(start).length;
    const stop = Math.min(end, 10 ** width - 1);
    alternatives.push(digitsBetween(String(start), String(stop)));
    start = stop + 1;
  }
  return oneOf(alternatives);
}

function padded(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

/** Digit texts of one length, from one to the other. */
function digitsBetween(low: string, high: string): string {
  if (low === high) return literal(low);
  const rest = low.length - 1;
  const [first, last] = [Number(low[0]), Number(high[0])];
  if (/^0*$/.test(low.slice(1)) && /^9*$/.test(high.slice(1))) return `${digit(first, last)} ${anyDigits(rest)}`;
  if (first === last) return `${digit(first, last)} ${digitsBetween(low.slice(1), high.slice(1))}`;
  const between = first + 1 <= last - 1 ? [`${digit(first + 1, last - 1)} ${anyDigits(rest)}`] : [];
  return oneOf([
    `${digit(first, first)} ${digitsBetween(low.slice(1), '9'.repeat(rest))}`,
    ...between,
    `${digit(last, last)} ${digitsBetween('0'.repeat(rest), high.slice(1))}`,
  ]);
}

function digit(first: number, last: number): string {
  return first === last ? `"${first}"` : `[${first}-${last}]`;
}

function anyDigits(count: number): string {
  return count === 0 ? '""' : `[0-9]{${count}}`;
}
