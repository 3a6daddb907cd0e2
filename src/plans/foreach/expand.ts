/** Turns the text of a foreach list into items with names, piece by piece. Reads no file: the caller hands it over. */
import { isLineFile, lastColonOutsideBraces } from '../parse/values.ts';
import type { Expansion, ForeachItem, ForeachSource, JsonValue } from '../types.ts';
import { valueAtPath } from '../variables/values.ts';
import { createGrouping } from './groups.ts';
import { createListReader } from './list-forms.ts';
import type { ListValues } from './list-reader.ts';
import { NameIndex } from './name-index.ts';

export interface ForeachList {
  /** The template's name. */
  readonly template: string;
  /** With values in place. */
  readonly source: ForeachSource;
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

/** Items in the order of the list, or why the template fails. */
type ListedItems = readonly ForeachItem[] | string;

interface ItemReader {
  /** The items that are complete with this piece of the text. After a problem nothing more may be pushed. */
  push(text: string): ListedItems;
  /** The rest, once there is no more text. */
  end(): ListedItems;
}

export function createItemReader(list: ForeachList): ItemReader {
  const { template, source, batchSize = 1, taken } = list;
  const reader = createListReader(source);
  const naming = createNaming(list);
  const grouping = batchSize === 1 ? null : createGrouping(template, batchSize);
  let isFirst = true;

  function free(items: readonly ForeachItem[]): ListedItems {
    const clash = taken === undefined ? undefined : items.find(({ name }) => taken.has(name));
    if (clash === undefined) return items;
    return `${describe(clash, list)}: its name "${clash.name}" is that of another task of the plan`;
  }

  return {
    push(text) {
      const content = isFirst && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
      if (text !== '') isFirst = false;
      const items = naming(reader.push(content));
      return typeof items === 'string' ? items : free(grouping?.push(items) ?? items);
    },
    end() {
      const items = naming(reader.end());
      return typeof items === 'string' ? items : free(grouping ? [...grouping.push(items), ...grouping.end()] : items);
    },
  };
}

/** All at once, for a list that is short. */
export function expandForeach({ text, ...list }: ForeachList & { readonly text: string }): Expansion {
  const reader = createItemReader(list);
  const first = reader.push(text);
  const rest = typeof first === 'string' ? first : reader.end();
  if (typeof first === 'string') return { kind: 'failed', reason: first };
  return typeof rest === 'string' ? { kind: 'failed', reason: rest } : { kind: 'expanded', items: [...first, ...rest] };
}

function describe({ index, group }: ForeachItem, { source }: ForeachList): string {
  return group === undefined ? `item ${index} of ${source.path}` : `group ${index} of ${source.path}`;
}

/** Gives values names that differ, in their order, or says why they cannot have such. */
function createNaming({ template, source }: ForeachList): (values: ListValues) => ForeachItem[] | string {
  const keys = new NameIndex();
  let index = 0;
  return (values) => {
    if (typeof values === 'string') return values;
    const items: ForeachItem[] = [];
    for (const value of values) {
      const key = keyOf(value, index);
      const name = `${template}_${key.text}`;
      const before = key.problem === undefined ? keys.add(key.text) : null;
      const problem = key.problem ?? (before === null ? undefined : repeated(name, before));
      if (problem !== undefined) return `item ${index} of ${source.path}: ${problem}`;
      items.push({ key: key.text, index, name, value });
      index += 1;
    }
    return items;
  };
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
