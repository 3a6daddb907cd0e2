/** Inserting many rows without paying for a query builder per row. */

import { CompiledQuery } from 'kysely';

import type { NewRow, Schema } from './schema.ts';
import type { DialectName, Tx } from './store.ts';

/** Below the parameter limits of both databases (SQLite 32,766, PostgreSQL 65,535). */
const MAX_PARAMETERS = 10_000;

/**
 * Inserts the rows in order. All of them must have the same keys, in the same order as the first. One statement is made
 * while the one before it runs, so that a hundred thousand rows are never on their way at once, and others get their turn.
 */
export async function insertMany<T extends keyof Schema>(tx: Tx, table: T, rows: readonly NewRow<T>[]): Promise<void> {
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
  rows: readonly NewRow<T>[],
  returning = '',
): Generator<CompiledQuery> {
  const first = rows[0];
  if (first === undefined) return;
  const columns = Object.keys(first);
  const chunkSize = Math.floor(MAX_PARAMETERS / columns.length);
  let text = '';
  for (let start = 0; start < rows.length; start += chunkSize) {
    const end = Math.min(start + chunkSize, rows.length);
    // All but the last have one length, and so one text.
    if (start === 0 || end === rows.length) text = insertText(dialect, table, columns, end - start);
    yield CompiledQuery.raw(`${text} ${returning}`, parametersOf(rows, start, end));
  }
}

function parametersOf(rows: readonly object[], start: number, end: number): unknown[] {
  const parameters: unknown[] = [];
  for (const row of rows.slice(start, end)) parameters.push(...Object.values(row));
  return parameters;
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
