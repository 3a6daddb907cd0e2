/** Reading JSON bodies whose shape nobody has checked yet. Pure. */

import { AppError } from '../../contract/errors.ts';
import { DEEPEST, isTooDeep } from '../../kernel/index.ts';
import { outOfRange } from './sampling-ranges.ts';

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Null when the bytes are no JSON object. */
export function parseFields(body: Buffer): Fields | null {
  return fieldsOf(body.toString('utf8'));
}

/**
 * The same for what a client sends. Throws INVALID_REQUEST when it is so deep that whoever walks it would overflow, and
 * when its sampling is out of range, wherever its protocol has it.
 */
export function requestFields(body: Buffer): Fields | null {
  const fields = parseFields(body);
  if (isTooDeep(fields)) throw invalidField(null, `the body is nested deeper than ${DEEPEST} levels`);
  const options = fields?.['options'];
  const problem = outOfRange(fields ?? {}) ?? outOfRange(isFields(options) ? options : {});
  if (problem !== null) throw invalidField(problem.param, problem.message);
  return fields;
}

/** Null when the text is no JSON object. */
export function fieldsOf(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : null;
  } catch {
    return null;
  }
}

/** Everything but the fields of these names. */
export function without(fields: Fields, names: ReadonlySet<string>): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.has(name)));
}

/** Only the fields that are there: null and undefined count as not given. */
export function given(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

export function toBytes(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** A request that is wrong in one of its fields. */
export function invalidField(param: string | null, message: string): AppError {
  return new AppError('INVALID_REQUEST', message, { detail: { param } });
}
