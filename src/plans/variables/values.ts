/** Gives placeholders their values: built-ins, variables of the batch, the item of a foreach task. */
import type { Builtins, ForeachItem, JsonValue } from '../types.ts';
import type { DeclaredNames, Placeholder } from './placeholders.ts';
import { findPlaceholders, ITEM_NAMES, placeholderText } from './placeholders.ts';

/** What a task may name. `item` is absent outside foreach. */
export interface Values {
  readonly builtins: Builtins;
  readonly variables: Readonly<Record<string, string>>;
  readonly item?: Pick<ForeachItem, 'key' | 'value'>;
}

/** Why a text could not be filled in; a sentence for people. */
export class Unrenderable extends Error {
  override readonly name = 'Unrenderable';
}

export function declaredNames(values: Values): DeclaredNames {
  return new Set(Object.keys(values.variables));
}

/** The text that stands for a placeholder. Throws `Unrenderable`, which `renderTask` turns into its answer. */
export function valueOf(placeholder: Placeholder, values: Values): string {
  const value = lookUp(placeholder, values);
  if (value === undefined) throw new Unrenderable(missing(placeholder, values));
  if (value.includes('\0')) throw new Unrenderable(`${placeholderText(placeholder)} holds a NUL byte`);
  return value;
}

function lookUp({ root, path }: Placeholder, { builtins, variables, item }: Values): string | undefined {
  if (root === 'BATCH_ID') return builtins.batchId;
  if (root === 'PLAN_PATH') return builtins.planPath;
  if (root === 'BATCH_PATH') return builtins.batchPath;
  if (root === 'ITEM_KEY') return item?.key;
  if (root !== 'ITEM') return Object.hasOwn(variables, root) ? variables[root] : undefined;
  const value = item === undefined ? undefined : valueAtPath(item.value, path);
  return value === undefined ? undefined : asText(value);
}

function missing(placeholder: Placeholder, { item }: Values): string {
  const written = placeholderText(placeholder);
  if (!ITEM_NAMES.has(placeholder.root)) return `${written} has no value`;
  return item === undefined ? `${written} has no item to come from` : `the item has no field for ${written}`;
}

/** Walks objects by key and arrays by index. */
export function valueAtPath(value: JsonValue, path: readonly string[]): JsonValue | undefined {
  let current: JsonValue | undefined = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as { readonly [key: string]: JsonValue })[key];
  }
  return current;
}

/** Text as it is, everything else as JSON. */
export function asText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Splices values as they are: for prompts, paths, conditions and everything else that no shell reads. */
export function substituteText(text: string, values: Values): string {
  return replaceEach(text, findPlaceholders(text, declaredNames(values)), (placeholder) =>
    valueOf(placeholder, values),
  );
}

/** Replaces placeholders by what `replacement` says; escaped ones lose their backslash, unknown ones stay. */
export function replaceEach(
  text: string,
  placeholders: readonly Placeholder[],
  replacement: (placeholder: Placeholder) => string,
): string {
  const pieces: string[] = [];
  let from = 0;
  for (const placeholder of placeholders) {
    pieces.push(text.slice(from, placeholder.start));
    if (placeholder.kind === 'literal') pieces.push(text.slice(placeholder.start + 1, placeholder.end));
    else if (placeholder.kind === 'unknown') pieces.push(text.slice(placeholder.start, placeholder.end));
    else pieces.push(replacement(placeholder));
    from = placeholder.end;
  }
  pieces.push(text.slice(from));
  return pieces.join('');
}
