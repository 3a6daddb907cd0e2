/** Reads fields of a request body with named errors. Pure; null and undefined alike mean "not given". */

import { ApiError } from './api-error.ts';

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

/** The first of several names that is given: `max_completion_tokens` and its older spellings. */
function given(body: Body, names: readonly string[]): { readonly name: string; readonly value: unknown } | null {
  const name = names.find((candidate) => body[candidate] !== undefined && body[candidate] !== null);
  return name === undefined ? null : { name, value: body[name] };
}

export interface Range {
  readonly least?: number;
  readonly most?: number;
  readonly whole?: boolean;
}

export function numberField(body: Body, names: readonly string[], fallback: number, range: Range = {}): number {
  const field = given(body, names);
  if (field === null) return fallback;
  const { least = -Infinity, most = Infinity, whole = false } = range;
  const { name, value } = field;
  if (typeof value !== 'number' || Number.isNaN(value)) throw wrong(name, 'a number');
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

/** A string counts as a list of one. Empty strings are dropped: they would stop every answer at once. */
export function stringListField(body: Body, name: string): readonly string[] {
  const field = given(body, [name]);
  if (field === null) return [];
  const list: readonly unknown[] = Array.isArray(field.value) ? field.value : [field.value];
  if (!list.every((item) => typeof item === 'string')) throw wrong(name, 'a string or a list of strings');
  return list.filter((item) => item !== '');
}

export function recordField(body: Body, name: string): Body | null {
  const field = given(body, [name]);
  if (field === null) return null;
  if (!isRecord(field.value)) throw wrong(name, 'an object');
  return field.value;
}
