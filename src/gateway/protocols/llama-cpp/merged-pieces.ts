/** Pieces of a streamed answer as one: texts and lists go on, tool calls by their place, all else is as told last. */

import { isFields, listOf, numberOf } from '../fields.ts';
import type { Fields } from '../fields.ts';

/** What has been told, in values that are changed as more is told. */
export type Merged = Record<string, unknown>;

/** Names whose text is told whole each time. */
const TOLD_WHOLE: ReadonlySet<string> = new Set(['role', 'id', 'type', 'name', 'finish_reason']);

/** Changes `merged`; `piece` is left as it is. */
export function merge(merged: Merged, piece: Fields): void {
  for (const [name, value] of Object.entries(piece)) {
    if (name === 'tool_calls') merged[name] = mergedCalls(merged[name], listOf(value));
    else if (value !== null && value !== undefined) merged[name] = mergedValue(name, merged[name], value);
    else merged[name] ??= null;
  }
}

function mergedValue(name: string, before: unknown, value: unknown): unknown {
  if (typeof before === 'string' && typeof value === 'string') return TOLD_WHOLE.has(name) ? value : before + value;
  if (Array.isArray(value)) return mergedList(before, value);
  if (!isFields(value)) return value;
  const inner: Merged = isFields(before) ? (before as Merged) : {}; // made here
  merge(inner, value);
  return inner;
}

function mergedList(before: unknown, value: readonly unknown[]): unknown[] {
  if (!Array.isArray(before)) return [...value];
  before.push(...value);
  return before;
}

/** By the place that each names. */
function mergedCalls(before: unknown, pieces: readonly unknown[]): readonly Merged[] {
  const calls = Array.isArray(before) ? (before as Merged[]) : []; // made here
  for (const { index, ...call } of pieces.filter(isFields)) merge((calls[numberOf(index)] ??= {}), call);
  return calls;
}
