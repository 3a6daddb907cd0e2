/** Parsers of single values: text with a place in, a typed value or a problem with a place out. No field names here. */
import { parseDuration } from '../../contract/durations.ts';
import { didYouMean } from '../suggest.ts';
import type { BadField, DependencyRef, ForeachSource, SourceText, Span, Tolerance, WhenClause } from '../types.ts';
import { readList, splitList, unquote } from './lists.ts';
import type { ListItem } from './lists.ts';

/** `help` of a `list-notation` problem is the value as it should be. */
export interface ValueProblem extends Pick<BadField, 'problem' | 'message' | 'help'> {
  readonly at?: Span;
}

/** A value, a problem, or both: a list in the wrong notation is understood and still told of. */
export interface Parsed<T> {
  readonly value?: T;
  readonly problem?: ValueProblem;
}

export type ValueParser<T> = (source: SourceText) => Parsed<T>;

const PRIORITIES: Readonly<Record<string, number>> = { low: 3, normal: 5, high: 8, urgent: 10 };

function invalid<T>(message: string, help: string): Parsed<T> {
  return { problem: { problem: 'invalid', message, help } };
}

export const text: ValueParser<string> = (source) =>
  source.text === '' ? invalid('the value is empty', 'write a value after the colon') : { value: source.text };

export function oneOf<T extends string>(...choices: readonly T[]): ValueParser<T> {
  return (source) => {
    const folded = source.text.toLowerCase();
    const value = choices.find((choice) => choice === folded);
    if (value !== undefined) return { value };
    const message = `"${source.text}" is not one of ${choices.join(', ')}`;
    return invalid(message, didYouMean(folded, choices, `write one of ${choices.join(', ')}`).help);
  };
}

/** Like `oneOf`, for the one field whose absence the brain may mend. */
export function classOf<T extends string>(...choices: readonly T[]): ValueParser<T> {
  return (source) => {
    const parsed = oneOf(...choices)(source);
    return parsed.problem === undefined ? parsed : { problem: { ...parsed.problem, problem: 'unknown-class' } };
  };
}

export function integer(min: number, max: number): ValueParser<number> {
  return (source) => {
    const value = /^-?\d+$/.test(source.text) ? Number(source.text) : Number.NaN;
    if (value >= min && value <= max) return { value };
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    return invalid(`"${source.text}" is no whole number ${range}`, `write a whole number ${range}`);
  };
}

export function numberOrPlaceholder(min: number, max: number): ValueParser<number | string> {
  return (source) => {
    if (source.text.includes('{')) return { value: source.text };
    const value = /^-?\d+(\.\d+)?$/.test(source.text) ? Number(source.text) : Number.NaN;
    if (value >= min && value <= max) return { value };
    return invalid(`"${source.text}" is no number from ${min} to ${max}`, `write a number from ${min} to ${max}`);
  };
}

export const megabytes: ValueParser<number> = (source) => {
  const value = parseMegabytes(source.text);
  if (value !== undefined && value >= 1) return { value };
  return invalid(`"${source.text}" is no amount of memory`, 'write megabytes, e.g. 2048');
};

/** `2048`, `2000 MB`, `~2 GB`, `1.5GiB` in megabytes. */
export function parseMegabytes(written: string): number | undefined {
  const match = /^~?\s*(\d+(?:\.\d+)?)\s*(mb|mib|m|gb|gib|g)?\b/i.exec(written);
  if (match === null) return undefined;
  const gigabytes = (match[2] ?? '').toLowerCase().startsWith('g');
  return Math.ceil(Number(match[1]) * (gigabytes ? 1024 : 1));
}

export const duration: ValueParser<number> = (source) => {
  const value = parseCompoundDuration(source.text);
  if (value !== undefined && value > 0) return { value };
  return invalid(`"${source.text}" is no duration`, 'write a number of seconds, or 500ms, 90s, 5m, 2h, 1h30m');
};

/** Also `1h30m`: the parts of a duration without spaces, added up. */
function parseCompoundDuration(written: string): number | undefined {
  const single = parseDuration(written);
  if (single !== null) return single;
  if (!/^(\d+(ms|s|m|h|d)){2,5}$/.test(written)) return undefined;
  const parts = written.match(/\d+(ms|s|m|h|d)/g) ?? [];
  return parts.reduce((sum, part) => sum + (parseDuration(part) ?? 0), 0);
}

export const priority: ValueParser<number> = (source) => {
  const named = PRIORITIES[source.text.toLowerCase()];
  return named === undefined ? integer(0, 10)(source) : { value: named };
};

export const boolean: ValueParser<boolean> = (source) => {
  const folded = source.text.toLowerCase();
  if (folded === 'true' || folded === 'yes') return { value: true };
  if (folded === 'false' || folded === 'no') return { value: false };
  return invalid(`"${source.text}" is neither true nor false`, 'write true or false');
};

export const tolerance: ValueParser<Tolerance> = (source) => {
  const match = /^(\d+)\s*(%)?$/.exec(source.text);
  const amount = Number(match?.[1]);
  if (match === null || (match[2] === '%' && amount > 100)) {
    return invalid(`"${source.text}" is no tolerance`, 'write how many items may fail: 3 or 10%');
  }
  return { value: match[2] === '%' ? { kind: 'percent', percent: amount } : { kind: 'count', count: amount } };
};

export const when: ValueParser<WhenClause> = (source) => {
  const match = /^([^=!]+)(==|!=)(.*)$/.exec(source.text);
  const task = match?.[1]?.trim() ?? '';
  const value = unquote(match?.[3]?.trim() ?? '');
  if (task === '' || value === '') {
    return invalid(`"${source.text}" is no condition`, 'write when: TASK == VALUE or TASK != VALUE');
  }
  return { value: { task, operator: match?.[2] === '!=' ? '!=' : '==', value } };
};

/** `path:dotted.path`, cut at the last colon outside braces; `.jsonl` and `.csv` files are lists as they are. */
export const foreach: ValueParser<ForeachSource> = (source) => {
  const colon = lastColonOutsideBraces(source.text);
  const whole = source.text;
  if (whole !== '' && (isLineFile(whole) || (colon < 0 && whole.includes('{')))) return { value: { path: whole } };
  const path = whole.slice(0, Math.max(colon, 0)).trim();
  const pointer = whole.slice(colon + 1).trim();
  if (path !== '' && pointer !== '') return { value: { path, pointer } };
  return invalid(
    'foreach names no list',
    'write FILE:dotted.path, e.g. {BATCH_PATH}/manifest.json:items, or a .jsonl or .csv file',
  );
};

/** True for files that are a list by themselves. */
export function isLineFile(path: string): boolean {
  return /\.(jsonl|ndjson|csv|tsv)$/i.test(path);
}

export function lastColonOutsideBraces(whole: string): number {
  let depth = 0;
  for (let index = whole.length - 1; index >= 0; index -= 1) {
    const character = whole[index];
    if (character === '}') depth += 1;
    else if (character === '{') depth -= 1;
    else if (character === ':' && depth <= 0) return index;
  }
  return -1;
}

export const texts: ValueParser<readonly string[]> = (source) => {
  const { items, right } = readList(source);
  return withNotation(
    items.filter((item) => item.text !== 'none').map((item) => item.text),
    right,
  );
};

export const exitCodes: ValueParser<readonly number[]> = (source) => {
  const { items, right } = readList(source);
  const wrong = items.find((item) => !/^\d{1,3}$/.test(item.text) || Number(item.text) < 1 || Number(item.text) > 255);
  if (wrong === undefined)
    return withNotation(
      items.map((item) => Number(item.text)),
      right,
    );
  return {
    problem: {
      problem: 'invalid',
      message: `"${wrong.text}" is no exit code`,
      help: 'write numbers from 1 to 255',
      at: wrong.at,
    },
  };
};

/** Names of environment variables, by which secrets are handed to a command. */
export const secretNames: ValueParser<readonly string[]> = (source) => {
  const { items } = readList(source);
  const wrong = items.find(({ text: name }) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.startsWith('DROVER_'));
  if (wrong === undefined) return texts(source);
  const help = 'write names of environment variables, e.g. HF_TOKEN, API_KEY; values never stand in a plan';
  return { problem: { problem: 'invalid', message: `"${wrong.text}" names no secret`, help, at: wrong.at } };
};

export const dependencies: ValueParser<readonly DependencyRef[]> = (source) => {
  if (/^none\.?$/i.test(source.text) || source.text === '') return { value: [] };
  const { items, right } = readList(source);
  // Most plans ask for plain success: a list of as many as there are names takes a tenth of one that may grow.
  const isPlain = items.every(({ text: written }) => !written.endsWith(')'));
  return withNotation(isPlain ? items.map(success) : items.flatMap(dependenciesOf), right);
};

function success({ text: on, at }: ListItem): DependencyRef {
  return { on, condition: 'success', at };
}

function dependenciesOf(item: ListItem): readonly DependencyRef[] {
  const match = /^(done|failed)\((.*)\)$/.exec(item.text);
  if (match === null) return [success(item)];
  const condition = match[1] === 'failed' ? 'failed' : 'done';
  return (match[2] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map((on) => ({ on, condition, at: item.at }));
}

/** `NAME=value, OTHER="a, b"`. */
export const environment: ValueParser<Readonly<Record<string, string>>> = (source) => {
  const entries: [string, string][] = [];
  for (const item of splitList(source)) {
    const match = /^([A-Za-z_][A-Za-z0-9_]*)\s*=([^]*)$/.exec(item.text);
    if (match?.[1] === undefined || match[1].startsWith('DROVER_')) {
      const message = match === null ? `"${item.text}" is no NAME=value` : `${match[1]} is set by Drover itself`;
      return {
        problem: { problem: 'invalid', message, help: 'write NAME=value, OTHER="value, with comma"', at: item.at },
      };
    }
    entries.push([match[1], unquote(match[2]?.trim() ?? '')]);
  }
  return { value: Object.fromEntries(entries) };
};

/** `right` is how the list should have been written. */
function withNotation<T>(value: T, right: string | undefined): Parsed<T> {
  if (right === undefined) return { value };
  const message = 'lists are written with commas, not as a JSON array';
  return { value, problem: { problem: 'list-notation', message, help: right } };
}
