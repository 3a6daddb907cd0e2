/** The fact log: appended by the group commit, read by SSE, audit and projections. */

import type { CompiledQuery, QueryResult } from 'kysely';

import type { Fact, FactType } from '../contract/index.ts';
import { insertQueries } from './commit/insert-many.ts';
import { decodeJson, encodeJson } from './codec.ts';
import type { PendingFact } from './commit/queued-write.ts';
import type { Db, Row } from './schema.ts';
import type { DialectName, Tx } from './store.ts';

interface FactQuery {
  /** Facts with a greater number; 0 for all. */
  readonly afterSeq?: number;
  /** E.g. `task:` or `instance:qwen`. */
  readonly subjectPrefix?: string;
  /** Facts of that batch and of its tasks. */
  readonly batchId?: string;
  readonly limit: number;
  /** The last that match instead of the first. */
  readonly newest?: boolean;
}

/** The first facts that match, or the last, in `seq` order. */
export async function listFacts(db: Db, query: FactQuery): Promise<readonly Fact[]> {
  const { afterSeq = 0, subjectPrefix, batchId, limit, newest = false } = query;
  let select = db.selectFrom('fact').selectAll().where('seq', '>', afterSeq);
  if (subjectPrefix !== undefined) {
    select = select.where('subject', '>=', subjectPrefix).where('subject', '<', endOfPrefix(subjectPrefix));
  }
  if (batchId !== undefined) {
    const tasks = `task:${batchId}/`;
    select = select.where(({ eb, and, or }) =>
      or([
        eb('subject', '=', `batch:${batchId}`),
        and([eb('subject', '>=', tasks), eb('subject', '<', endOfPrefix(tasks))]),
      ]),
    );
  }
  const rows = await select
    .orderBy('seq', newest ? 'desc' : 'asc')
    .limit(limit)
    .execute();
  return (newest ? rows.toReversed() : rows).map(decodeFact);
}

/** The last `limit` facts of one subject, oldest first; of one type when that is given. */
export async function latestFacts(db: Db, subject: string, limit: number): Promise<readonly Fact[]>;
export async function latestFacts<T extends FactType>(
  db: Db,
  subject: string,
  limit: number,
  type: T,
): Promise<readonly Fact<T>[]>;
export async function latestFacts(db: Db, subject: string, limit: number, type?: FactType): Promise<readonly Fact[]> {
  let select = db.selectFrom('fact').selectAll().where('subject', '=', subject);
  if (type !== undefined) select = select.where('type', '=', type);
  const rows = await select.orderBy('seq', 'desc').limit(limit).execute();
  return rows.toReversed().map(decodeFact);
}

/** The newest fact of this type about one subject; null when there is none. */
export async function latestFactOfType<T extends FactType>(db: Db, subject: string, type: T): Promise<Fact<T> | null> {
  const select = db.selectFrom('fact').selectAll().where('subject', '=', subject).where('type', '=', type);
  const row = await select.orderBy('seq', 'desc').limit(1).executeTakeFirst();
  // The type was asked for, and each type has one shape of data.
  return row === undefined ? null : (decodeFact(row) as Fact<T>);
}

/** Number of the newest fact; 0 when there is none. */
export async function latestSeq(db: Db): Promise<number> {
  const row = await db
    .selectFrom('fact')
    .select((eb) => eb.fn.max('seq').as('seq'))
    .executeTakeFirst();
  return row?.seq ?? 0;
}

/**
 * Removes the oldest facts as far as they are older than `before`, at most `limit` of them; answers how many. Facts are
 * numbered in the order of their time, so it looks at no others.
 */
export async function forgetFacts(
  tx: Tx,
  { before, limit }: { readonly before: number; readonly limit: number },
): Promise<number> {
  const oldest = await tx.db.selectFrom('fact').select(['seq', 'at']).orderBy('seq').limit(limit).execute();
  const firstKept = oldest.findIndex(({ at }) => at >= before);
  const gone = firstKept === -1 ? oldest : oldest.slice(0, firstKept);
  const last = gone.at(-1);
  if (last === undefined) return 0;
  await tx.db.deleteFrom('fact').where('seq', '<=', last.seq).execute();
  return gone.length;
}

/** The statements that store facts, in their order. For the group commit only: everybody else calls `tx.record`. */
export function factQueries(dialect: DialectName, pending: readonly PendingFact[]): CompiledQuery[] {
  const rows = pending.map(({ at, type, subject, data }) => ({ at, type, subject, data: encodeJson(data) }));
  return [...insertQueries(dialect, 'fact', rows, 'returning seq')];
}

/** The facts with the numbers that their statements have answered. */
export function numberFacts(pending: readonly PendingFact[], answers: readonly QueryResult<unknown>[]): Fact[] {
  // `factQueries` asks for this one column.
  const rows = answers.flatMap((answer) => answer.rows as { readonly seq: number }[]);
  // Both databases number the rows in the order of VALUES, but promise no order of the answer.
  const numbers = rows.map(({ seq }) => seq).toSorted((a, b) => a - b);
  return pending.map((fact, index) => ({ ...fact, seq: numbers[index] ?? Number.NaN }));
}

function decodeFact({ seq, at, type, subject, data }: Row<'fact'>): Fact {
  return { seq, at, type, subject, data: decodeJson<Fact['data']>(data) };
}

/** Text that sorts after everything with this prefix: both databases compare by bytes, and this is the last code point. */
function endOfPrefix(prefix: string): string {
  return `${prefix}\u{10ffff}`;
}
