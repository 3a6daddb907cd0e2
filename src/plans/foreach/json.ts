/** JSON as a value or what is wrong with it, and the value at a dotted path. */
import type { JsonValue } from '../types.ts';
import { valueAtPath } from '../variables/values.ts';

type Json =
  | { readonly kind: 'json'; readonly value: JsonValue }
  | { readonly kind: 'malformed'; readonly reason: string };

export function parseJson(text: string): Json {
  try {
    // JSON.parse yields exactly the values of JsonValue.
    return { kind: 'json', value: JSON.parse(text) as JsonValue };
  } catch (error) {
    return { kind: 'malformed', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** The keys of a dotted path; `.`, `$` and none at all mean the whole. */
export function pathOf(pointer: string | undefined): readonly string[] {
  return pointer === undefined || pointer === '.' || pointer === '$' ? [] : pointer.split('.');
}

export function valueAt(value: JsonValue, pointer: string | undefined): JsonValue | undefined {
  return valueAtPath(value, pathOf(pointer));
}
