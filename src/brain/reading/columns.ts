/**
 * Lists of JSON values that are much alike, written field by field: what all of them say is written once, and so is the
 * name of a field. It knows nothing of what the values mean.
 */

/** How the values that stand at one place are written. */
export type Column =
  /** Each of them is this one. */
  | { readonly same: unknown }
  | { readonly each: readonly unknown[] }
  /** They are records: a column for each field that all have, and for each that only some have, with their places. */
  | { readonly fields: Columns; readonly some: Readonly<Record<string, { at: readonly number[]; column: Column }>> }
  /** They are lists of as many items: a column for each place. */
  | { readonly items: readonly Column[] };

type Columns = Readonly<Record<string, Column>>;
type JsonRecord = Record<string, unknown>;

export function toColumn(values: readonly unknown[]): Column {
  const [first] = values;
  if (values.length === 0) return { each: values };
  if (values.every((value) => value === first)) return { same: first };
  if (values.every(isRecord)) return recordsToColumn(values);
  if (Array.isArray(first) && values.every((value) => isListOf(first.length, value))) {
    return { items: first.map((_item, place) => toColumn(values.map((list) => list[place]))) };
  }
  return { each: values };
}

/** One whose field is named like that cannot be put together by assignment. */
function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Object.hasOwn(value, '__proto__');
}

function isListOf(length: number, value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length === length;
}

function recordsToColumn(records: readonly JsonRecord[]): Column {
  const fields: Record<string, Column> = {};
  const some: Record<string, { at: number[]; column: Column }> = {};
  for (const key of keysOf(records)) {
    const values = records.map((record) => record[key]);
    const at = values.includes(undefined) ? [...values.keys()].filter((place) => values[place] !== undefined) : null;
    if (at === null) fields[key] = toColumn(values);
    else some[key] = { at, column: toColumn(at.map((place) => values[place])) };
  }
  return { fields, some };
}

function keysOf(records: readonly JsonRecord[]): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const record of records) for (const key in record) keys.add(key);
  return keys;
}

/** The `count` values that the column was made of. Those that are the same may be one object. */
export function fromColumn(column: Column, count: number): readonly unknown[] {
  if ('same' in column) return Array.from({ length: count }, () => column.same);
  if ('each' in column) return column.each;
  if ('fields' in column) return recordsOf(column, count);
  const places = column.items.map((item) => fromColumn(item, count));
  const [first] = places;
  if (first !== undefined && places.length === 1) return first.map((value) => [value]);
  return Array.from({ length: count }, (_, at) => places.map((values) => values[at]));
}

function recordsOf({ fields, some }: Extract<Column, { fields: Columns }>, count: number): readonly JsonRecord[] {
  const own: [string, readonly unknown[]][] = [];
  // A copy of a record that has every field already is made faster than one whose fields are added one by one.
  const typical: JsonRecord = {};
  for (const [key, column] of Object.entries(fields)) {
    const values = fromColumn(column, count);
    typical[key] = values[0];
    if (!('same' in column)) own.push([key, values]);
  }
  const records = Array.from({ length: count }, (_, at) => {
    const record = { ...typical };
    for (const [key, values] of own) record[key] = values[at];
    return record;
  });
  for (const [key, { at, column }] of Object.entries(some)) {
    const values = fromColumn(column, at.length);
    for (const [index, place] of at.entries()) Object.assign(records[place] ?? {}, { [key]: values[index] });
  }
  return records;
}
