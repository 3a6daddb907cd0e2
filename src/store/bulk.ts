/** Inserting many rows without paying for a query builder per row. */

import { CompiledQuery } from 'kysely';

import type { NewRow, Schema } from './schema.ts';
import type { DialectName, Tx } from './store.ts';

/** Below the parameter limits of both databases (SQLite 32,766, PostgreSQL 65,535). */
const MAX_PARAMETERS = 10_000;

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
  // All statements but the last have one length, and so one text.
  let text = '';
  let textRows = 0;
  for (const { columns, count, parameters } of chunksOf(rows)) {
    if (count !== textRows) text = insertText(dialect, table, columns, count);
    textRows = count;
    yield CompiledQuery.raw(`${text} ${returning}`, parameters);
  }
}

interface Chunk {
  readonly columns: readonly string[];
  readonly count: number;
  /** The values of its rows, one row after the other. */
  readonly parameters: unknown[];
}

function* chunksOf(rows: Iterable<object>): Generator<Chunk> {
  let columns: readonly string[] = [];
  let parameters: unknown[] = [];
  for (const row of rows) {
    if (columns.length === 0) columns = Object.keys(row);
    parameters.push(...Object.values(row));
    if (parameters.length + columns.length <= MAX_PARAMETERS) continue;
    yield { columns, count: parameters.length / columns.length, parameters };
    parameters = [];
  }
  if (parameters.length > 0) yield { columns, count: parameters.length / columns.length, parameters };
}

function insertText(dialect: DialectName, table: string, columns: readonly string[], rowCount: number): string {
  const mark = dialect === 'postgres' ? (n: number): string => `$${n}` : (): string => '?';
  const tuples = Array.from({ length: rowCount }, (_, row) => {
    const marks = columns.map((_column, index) => mark(row * columns.length + index + 1));
    return `(${marks.join(', ')})`;
  });
  const names = columns.map((column) => `"${column}"`).join(', ');
  return `insert into "${table}" (${names}) values ${tuples.join(', ')}`;
}
