/** The environment a task gets from its plan. The agent adds what only it knows: attempt, item file, model address. */
import type { Builtins, ForeachItem, JsonValue } from '../types.ts';
import type { Placeholder } from '../variables/placeholders.ts';
import { asText } from '../variables/values.ts';

/** The kernel refuses one string above 128 KiB; what is larger is only in `DROVER_ITEM_FILE`. */
const MAX_VALUE_BYTES = 64 * 1024;
/** All item fields together. */
const MAX_FIELDS_BYTES = 64 * 1024;

interface EnvironmentSources {
  readonly task: string;
  readonly builtins: Builtins;
  readonly variables: Readonly<Record<string, string>>;
  readonly item?: ForeachItem;
  readonly model?: string;
}

/** `DROVER_TASK`, the built-ins, `DROVER_INPUT_<NAME>`, and for an item `DROVER_ITEM`, `DROVER_ITEM_JSON`, `DROVER_ITEM_FIELD_<FIELD>`. */
export function droverEnvironment({
  task,
  builtins,
  variables,
  item,
  model,
}: EnvironmentSources): Record<string, string> {
  const inputs = Object.entries(variables).map(([name, value]): [string, string] => [inputVariable(name), value]);
  const entries: [string, string][] = [
    ...inputs,
    ...(item === undefined ? [] : itemEntries(item)),
    ...(model === undefined ? [] : ([['DROVER_MODEL', model]] satisfies [string, string][])),
    ['DROVER_TASK', task],
    ['DROVER_BATCH_ID', builtins.batchId],
    ['DROVER_BATCH_PATH', builtins.batchPath],
    ['DROVER_PLAN_PATH', builtins.planPath],
  ];
  return Object.fromEntries(entries.filter(([, value]) => fits(value)));
}

function fits(value: string): boolean {
  return !value.includes('\0') && Buffer.byteLength(value) <= MAX_VALUE_BYTES;
}

function itemEntries({ key, index, value }: ForeachItem): [string, string][] {
  return [
    ['DROVER_ITEM_KEY', key],
    ['DROVER_ITEM_INDEX', String(index)],
    ['DROVER_ITEM', asText(value)],
    ['DROVER_ITEM_JSON', JSON.stringify(value)],
    ...fieldEntries(value),
  ];
}

function fieldEntries(value: JsonValue): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const entries = new Map<string, string>();
  let bytes = 0;
  for (const [field, content] of Object.entries(value)) {
    const name = fieldVariable(field);
    const text = asText(content);
    bytes += Buffer.byteLength(text);
    if (bytes > MAX_FIELDS_BYTES) break;
    if (!entries.has(name)) entries.set(name, text);
  }
  return [...entries];
}

/** Where a command finds the value of a placeholder without any quoting. */
export function environmentNameOf({ root, path }: Pick<Placeholder, 'root' | 'path'>): string {
  if (root === 'ITEM_KEY') return 'DROVER_ITEM_KEY';
  if (root !== 'ITEM') return inputVariableOrBuiltin(root);
  if (path.length === 0) return 'DROVER_ITEM';
  return path.length === 1 ? fieldVariable(path[0] ?? '') : 'DROVER_ITEM_JSON';
}

function inputVariableOrBuiltin(root: string): string {
  return root === 'BATCH_ID' || root === 'BATCH_PATH' || root === 'PLAN_PATH' ? `DROVER_${root}` : inputVariable(root);
}

function inputVariable(name: string): string {
  return `DROVER_INPUT_${name.replace(/[^A-Za-z0-9_]/g, '_')}`;
}

/** Not `DROVER_ITEM_<FIELD>`: an item with a field `file` would hide `DROVER_ITEM_FILE`. */
function fieldVariable(field: string): string {
  return `DROVER_ITEM_FIELD_${field.replace(/[^A-Za-z0-9_]/g, '_').toUpperCase()}`;
}
