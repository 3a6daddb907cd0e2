/** JSON in columns, in one place, the same text in both databases. */

import { unpackText } from '../kernel/index.ts';

/** JSON text; `encodeJson` makes it, `decodeJson` reads it. A plain string to the database. */
export type JsonText = string;

export function encodeJson(value: unknown): JsonText {
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError('undefined cannot be stored as JSON');
  return text;
}

/**
 * The caller names the type that it, or an earlier version of it, encoded; migrations keep that promise. A long text may
 * have been packed.
 */
export function decodeJson<T>(text: JsonText): T {
  return JSON.parse(unpackText(text)) as T;
}
