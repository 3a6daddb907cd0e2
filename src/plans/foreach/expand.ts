/** Turns the text of a foreach list into items with names. Reads no file: the caller hands the text over. */
import { isLineFile, lastColonOutsideBraces } from '../parse/values.ts';
import type { Expansion, ForeachItem, ForeachSource, JsonValue } from '../types.ts';
import { valueAtPath } from '../variables/values.ts';
import { readCsv } from './csv.ts';
import { groupItems } from './groups.ts';

export interface ForeachList {
  /** The template's name. */
  readonly template: string;
  /** With values in place. */
  readonly source: ForeachSource;
  /** What the file holds. */
  readonly text: string;
  /** Names that other tasks of the batch have. */
  readonly taken?: ReadonlySet<string>;
  /** Items that one task takes together; absent for one. */
  readonly batchSize?: number;
}

const MAX_KEY_LENGTH = 200;

/** A source whose list part came out of a placeholder (`{LIST}` = `a.json:items`) is cut once its value is known. */
export function settleSource(source: ForeachSource): ForeachSource {
  if (source.pointer !== undefined || isLineFile(source.path)) return source;
  const colon = lastColonOutsideBraces(source.path);
  return colon < 1 ? source : { path: source.path.slice(0, colon), pointer: source.path.slice(colon + 1) };
}

export function expandForeach(list: ForeachList): Expansion {
  const items = namedItems(list);
  if (typeof items === 'string') return { kind: 'failed', reason: items };
  const { template, batchSize = 1, taken } = list;
  const made = batchSize === 1 ? items : groupItems(template, items, batchSize);
  const clash = taken === undefined ? undefined : made.find(({ name }) => taken.has(name));
  if (clash === undefined) return { kind: 'expanded', items: made };
  const reason = `${describe(clash, list)}: its name "${clash.name}" is that of another task of the plan`;
  return { kind: 'failed', reason };
}

function describe({ index, group }: ForeachItem, { source }: ForeachList): string {
  return group === undefined ? `item ${index} of ${source.path}` : `group ${index} of ${source.path}`;
}

/** The items under names that differ, or why they cannot have such. */
function namedItems(list: ForeachList): ForeachItem[] | string {
  const values = readList(list);
  if (typeof values === 'string') return values;
  const items: ForeachItem[] = [];
  const seen = new Map<string, number>();
  for (const [index, value] of values.entries()) {
    const key = keyOf(value, index);
    const name = `${list.template}_${key.text}`;
    const before = seen.get(name);
    const problem = key.problem ?? (before === undefined ? undefined : repeated(name, before));
    if (problem !== undefined) return `item ${index} of ${list.source.path}: ${problem}`;
    seen.set(name, index);
    items.push({ key: key.text, index, name, value });
  }
  return items;
}

function repeated(name: string, before: number): string {
  return `its name "${name}" is that of item ${before} already: ids must differ`;
}

/** `item.id` as one safe path segment, else the index. */
function keyOf(value: JsonValue, index: number): { readonly text: string; readonly problem?: string } {
  const id = typeof value === 'object' && value !== null ? valueAtPath(value, ['id']) : undefined;
  if (id === undefined || id === null) return { text: String(index) };
  if (typeof id === 'object') return { text: '', problem: 'its id is no text and no number' };
  const text = String(id);
  if (text === '' || text.length > MAX_KEY_LENGTH)
    return { text, problem: `its id has ${text.length} characters (1 to ${MAX_KEY_LENGTH})` };
  if (text === '.' || text === '..' || hasUnsafeCharacter(text)) {
    return {
      text,
      problem: `its id ${JSON.stringify(text)} is no single path segment (no "/", no control characters)`,
    };
  }
  return { text };
}

function hasUnsafeCharacter(text: string): boolean {
  for (const character of text) if (character === '/' || character < ' ' || character === '\x7f') return true;
  return false;
}

function readList({ source, text }: ForeachList): readonly JsonValue[] | string {
  const content = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const extension = /\.([a-z]+)$/i.exec(source.path)?.[1]?.toLowerCase();
  if (extension === 'csv' || extension === 'tsv') return csvList(source, content, extension === 'csv' ? ',' : '\t');
  if (extension === 'jsonl' || extension === 'ndjson') return jsonLines(source, content);
  return jsonList(source, content);
}

function csvList({ path }: ForeachSource, text: string, separator: ',' | '\t'): readonly JsonValue[] | string {
  const result = readCsv(text, separator);
  return result.kind === 'records' ? result.records : `${path} is no table: ${result.reason}`;
}

function jsonLines({ path, pointer }: ForeachSource, text: string): readonly JsonValue[] | string {
  const values: JsonValue[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const parsed = parseJson(line);
    const value = parsed.kind === 'json' ? at(parsed.value, pointer) : undefined;
    if (parsed.kind === 'malformed') return `${path} line ${index + 1} is no JSON: ${parsed.reason}`;
    if (value === undefined) return `${path} line ${index + 1} has no "${pointer}"`;
    values.push(value);
  }
  return values;
}

function jsonList({ path, pointer }: ForeachSource, text: string): readonly JsonValue[] | string {
  const parsed = parseJson(text);
  if (parsed.kind === 'malformed') return `${path} is no JSON: ${parsed.reason}`;
  const list = at(parsed.value, pointer);
  if (list === undefined) return `${path} has nothing at "${pointer ?? ''}"${knownKeys(parsed.value)}`;
  if (!Array.isArray(list)) return `${path} has no list at "${pointer ?? ''}" but ${kindOf(list)}`;
  return list;
}

function knownKeys(value: JsonValue): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return '';
  const keys = Object.keys(value).slice(0, 10);
  return keys.length === 0 ? '' : ` (it has ${keys.join(', ')})`;
}

/** `.` and `$` mean the whole file. */
function at(value: JsonValue, pointer: string | undefined): JsonValue | undefined {
  if (pointer === undefined || pointer === '.' || pointer === '$') return value;
  return valueAtPath(value, pointer.split('.'));
}

function kindOf(value: JsonValue): string {
  if (value === null) return 'null';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

type Json =
  | { readonly kind: 'json'; readonly value: JsonValue }
  | { readonly kind: 'malformed'; readonly reason: string };

function parseJson(text: string): Json {
  try {
    // JSON.parse yields exactly the values of JsonValue.
    return { kind: 'json', value: JSON.parse(text) as JsonValue };
  } catch (error) {
    return { kind: 'malformed', reason: error instanceof Error ? error.message : String(error) };
  }
}
