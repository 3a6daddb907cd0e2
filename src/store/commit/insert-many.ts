/** Inserting many rows without paying for a query builder per row, nor for a parameter per value that all rows share. */

import { CompiledQuery } from 'kysely';

import type { NewRow, Schema } from '../schema.ts';
import type { DialectName, Tx } from '../store.ts';

/** Rows of one statement: some thousand parameters, which both databases read at once. */
const MOST_ROWS = 200;

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
  const mark = dialect === 'postgres' ? '$' : '?';
  let columns: readonly string[] = [];
  // Rows that come together are alike: most statements have the text of the one before.
  let shape: Shape = { rowCount: 0, shared: [] };
  let text = '';
  for (const chunk of chunksOf(rows)) {
    if (columns.length === 0) columns = Object.keys(chunk[0] ?? {});
    const values: readonly unknown[][] = chunk.map((row) => Object.values(row));
    const next = shapeOf(columns.length, values);
    if (!isSame(shape, next)) text = insertText(table, columns, mark, next);
    shape = next;
    yield CompiledQuery.raw(`${text} ${returning}`, parametersOf(values, next));
  }
}

function* chunksOf(rows: Iterable<object>): Generator<readonly object[]> {
  let chunk: object[] = [];
  for (const row of rows) {
    if (chunk.push(row) < MOST_ROWS) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** What the text of a statement depends on, beside its table. */
interface Shape {
  readonly rowCount: number;
  /** By column: all rows have the same value there. */
  readonly shared: readonly boolean[];
}

function shapeOf(columnCount: number, rows: readonly unknown[][]): Shape {
  const [first = []] = rows;
  const isShared = (column: number): boolean => rows.every((row) => row[column] === first[column]);
  return { rowCount: rows.length, shared: Array.from({ length: columnCount }, (_, column) => isShared(column)) };
}

function isSame(a: Shape, b: Shape): boolean {
  return a.rowCount === b.rowCount && a.shared.every((shared, column) => shared === b.shared[column]);
}

/** The shared values first, then what each row has of its own. */
function parametersOf(rows: readonly unknown[][], { shared }: Shape): unknown[] {
  const parameters = (rows[0] ?? []).filter((_value, column) => shared[column]);
  for (const row of rows) {
    for (const [column, value] of row.entries()) if (shared[column] !== true) parameters.push(value);
  }
  return parameters;
}

function insertText(table: string, columns: readonly string[], mark: string, { rowCount, shared }: Shape): string {
  let used = 0;
  const sharedMarks = shared.map((isShared) => (isShared ? `${mark}${(used += 1)}` : null));
  const tuples = Array.from({ length: rowCount }, () => {
    const marks = sharedMarks.map((sharedMark) => sharedMark ?? `${mark}${(used += 1)}`);
    return `(${marks.join(', ')})`;
  });
  const names = columns.map((column) => `"${column}"`).join(', ');
  return `insert into "${table}" (${names}) values ${tuples.join(', ')}`;
}
