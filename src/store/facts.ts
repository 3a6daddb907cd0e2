/** The fact log: appended by the group commit, read by SSE, audit and projections. */

import type { Fact } from '../contract/index.ts';
import { decodeJson, encodeJson } from './codec.ts';
import type { PendingFact } from './queued-write.ts';
import type { Db, Row } from './schema.ts';

export interface FactQuery {
  /** Facts with a greater number; 0 for all. */
  readonly afterSeq?: number;
  /** E.g. `task:` or `instance:qwen`. */
  readonly subjectPrefix?: string;
  /** Facts of that batch and of its tasks. */
  readonly batchId?: string;
  readonly limit: number;
}

/** The first facts that match, in `seq` order. */
export async function listFacts(db: Db, query: FactQuery): Promise<readonly Fact[]> {
  const { afterSeq = 0, subjectPrefix, batchId, limit } = query;
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
  const rows = await select.orderBy('seq').limit(limit).execute();
  return rows.map(decodeFact);
}

/** The last `limit` facts of one subject, oldest first. */
export async function latestFacts(db: Db, subject: string, limit: number): Promise<readonly Fact[]> {
  const select = db.selectFrom('fact').selectAll().where('subject', '=', subject);
  const rows = await select.orderBy('seq', 'desc').limit(limit).execute();
  return rows.toReversed().map(decodeFact);
}

/** Number of the newest fact; 0 when there is none. */
export async function latestSeq(db: Db): Promise<number> {
  const row = await db
    .selectFrom('fact')
    .select((eb) => eb.fn.max('seq').as('seq'))
    .executeTakeFirst();
  return row?.seq ?? 0;
}

/** Keeps four parameters a row far below the limits of both databases. */
const ROWS_PER_INSERT = 500;

/** Numbers the facts in their order and stores them. For the group commit only: everybody else calls `tx.record`. */
export async function appendFacts(db: Db, pending: readonly PendingFact[]): Promise<readonly Fact[]> {
  const facts: Fact[] = [];
  for (let start = 0; start < pending.length; start += ROWS_PER_INSERT) {
    const chunk = pending.slice(start, start + ROWS_PER_INSERT);
    const values = chunk.map(({ at, type, subject, data }) => ({ at, type, subject, data: encodeJson(data) }));
    const rows = await db.insertInto('fact').values(values).returning('seq').execute();
    // Both databases number the rows in the order of VALUES, but promise no order of the answer.
    const numbers = rows.map(({ seq }) => seq).toSorted((a, b) => a - b);
    chunk.forEach((fact, index) => facts.push({ ...fact, seq: numbers[index] ?? Number.NaN }));
  }
  return facts;
}

function decodeFact({ seq, at, type, subject, data }: Row<'fact'>): Fact {
  return { seq, at, type, subject, data: decodeJson<Fact['data']>(data) };
}

/** Text that sorts after everything with this prefix: both databases compare by bytes, and this is the last code point. */
function endOfPrefix(prefix: string): string {
  return `${prefix}\u{10ffff}`;
}
