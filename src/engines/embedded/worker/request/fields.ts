/** Reads fields of a request body with named errors. Pure; null and undefined alike mean "not given". */

import { ApiError } from '../api-error.ts';

export type Body = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asBody(value: unknown): Body {
  if (isRecord(value)) return value;
  throw new ApiError('invalid_request_error', 'the body must be a JSON object');
}

function wrong(name: string, wanted: string): ApiError {
  return new ApiError('invalid_request_error', `"${name}" must be ${wanted}`);
}

/** A field by any of its names: `max_completion_tokens` and its older spellings. Two of them must agree. */
function given(body: Body, names: readonly string[]): { readonly name: string; readonly value: unknown } | null {
  const [name, ...others] = names.filter((candidate) => body[candidate] !== undefined && body[candidate] !== null);
  if (name === undefined) return null;
  const other = others.find((candidate) => body[candidate] !== body[name]);
  if (other !== undefined) throw wrong(other, `the same as "${name}", or left out`);
  return { name, value: body[name] };
}

interface Range {
  readonly least?: number;
  readonly most?: number;
  readonly whole?: boolean;
}

/** The library takes whole numbers of 32 bits. */
const LARGEST_WHOLE = 2 ** 31 - 1;

export function numberField(body: Body, names: readonly string[], fallback: number, range: Range = {}): number {
  const field = given(body, names);
  if (field === null) return fallback;
  const { whole = false } = range;
  const { least = -Infinity, most = whole ? LARGEST_WHOLE : Infinity } = range;
  const { name, value } = field;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(name, 'a number');
  if (whole && !Number.isInteger(value)) throw wrong(name, 'a whole number');
  if (value < least || value > most) throw wrong(name, `between ${least} and ${most}`);
  return value;
}

export function booleanField(body: Body, name: string, fallback: boolean): boolean {
  const field = given(body, [name]);
  if (field === null) return fallback;
  if (typeof field.value !== 'boolean') throw wrong(name, 'true or false');
  return field.value;
}

export function stringField(body: Body, name: string): string | null {
  const field = given(body, [name]);
  if (field === null) return null;
  if (typeof field.value !== 'string') throw wrong(name, 'a string');
  return field.value;
}

/** More are a mistake, and each costs time at every token. */
const MOST_STRINGS = 128;

/** A string counts as a list of one. Empty strings are dropped: they would stop every answer at once. */
export function stringListField(body: Body, name: string): readonly string[] {
  const list = listField(body, name, 'a string or a list of strings');
  if (!list.every((item) => typeof item === 'string')) throw wrong(name, 'a string or a list of strings');
  if (list.length > MOST_STRINGS) throw wrong(name, `a list of at most ${MOST_STRINGS}`);
  return list.filter((item) => item !== '');
}

/** What is no list counts as a list of one. */
export function listField(body: Body, name: string, wanted: string): readonly unknown[] {
  const field = given(body, [name]);
  if (field === null) return [];
  if (isRecord(field.value)) throw wrong(name, wanted);
  return Array.isArray(field.value) ? field.value : [field.value];
}

export function recordField(body: Body, name: string): Body | null {
  const field = given(body, [name]);
  if (field === null) return null;
  if (!isRecord(field.value)) throw wrong(name, 'an object');
  return field.value;
}
