/** Inserting many rows without paying for a query builder per row, nor for a parameter per value. */

import { CompiledQuery } from 'kysely';

import type { NewRow, Schema } from '../schema.ts';
import type { DialectName, Tx } from '../store.ts';

/** Rows of one statement: some ten kilobytes of JSON, which both databases read at once. */
const MOST_ROWS = 500;

/**
 * Inserts the rows in order. All of them must have the same keys, in the same order as the first. Rows are taken and a
 * statement is made of them while the one before it runs: a hundred thousand rows are never there at once, and others get
 * their turn.
 */
export async function insertMany<T extends keyof Schema>(tx: Tx, table: T, rows: Iterable<NewRow<T>>): Promise<void> {
  let running: Promise<unknown> = Promise.resolve();
  for (const query of insertQueries(tx.dialect, table, rows)) {
    const next = tx.db.executeQuery(query);
    // Whoever awaits the one before hears of a failure there first.
    next.catch(() => {});
    await running;
    running = next;
  }
  await running;
}

/** The statements of `insertMany`, made one by one; `returning` is appended to each. */
export function* insertQueries<T extends keyof Schema>(
  dialect: DialectName,
  table: T,
  rows: Iterable<NewRow<T>>,
  returning = '',
): Generator<CompiledQuery> {
  for (const chunk of chunksOf(rows)) {
    const columns = columnsOf(chunk);
    const parameters = [JSON.stringify(chunk, columns.own), ...columns.shared.values()];
    yield CompiledQuery.raw(`${insertText(dialect, table, columns)} ${returning}`, parameters);
  }
}

type AnyRow = Readonly<Record<string, unknown>>;

function* chunksOf(rows: Iterable<object>): Generator<readonly AnyRow[]> {
  let chunk: AnyRow[] = [];
  for (const row of rows) {
    // A row of a table is a record of its columns.
    if (chunk.push(row as AnyRow) < MOST_ROWS) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

interface Columns {
  /** Those in which all rows have the same value, with it. */
  readonly shared: ReadonlyMap<string, unknown>;
  readonly own: string[];
}

function columnsOf(rows: readonly AnyRow[]): Columns {
  const [first = {}] = rows;
  const shared = new Map<string, unknown>();
  const own: string[] = [];
  for (const column of Object.keys(first)) {
    if (rows.every((row) => row[column] === first[column])) shared.set(column, first[column]);
    else own.push(column);
  }
  return { shared, own };
}

/** Rows travel as one parameter, as JSON: to bind each of their values would cost more than to store it. */
function insertText(dialect: DialectName, table: string, { shared, own }: Columns): string {
  const isPostgres = dialect === 'postgres';
  const rows = isPostgres ? `json_populate_recordset(null::"${table}", $1)` : 'json_each(?1)';
  const values = [
    ...own.map((column) => (isPostgres ? `"${column}"` : `value ->> '${column}'`)),
    ...[...shared.keys()].map((_column, at) => `${isPostgres ? '$' : '?'}${at + 2}`),
  ];
  const columns = [...own, ...shared.keys()].map((column) => `"${column}"`);
  return `insert into "${table}" (${columns.join(', ')}) select ${values.join(', ')} from ${rows}`;
}
