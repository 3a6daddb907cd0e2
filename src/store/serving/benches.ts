/** What benches have measured, as rows: kept for ever, to be compared. */

import type { BenchKind } from '../../contract/index.ts';
import type { Db, Row } from '../schema.ts';
import type { JsonText } from '../codec.ts';
import type { Tx } from '../store.ts';

export type BenchRecord = Row<'bench_result'>;

interface NewBenchResult {
  readonly kind: BenchKind;
  readonly subject: string;
  readonly result: JsonText;
}

export async function insertBenchResult(tx: Tx, bench: NewBenchResult): Promise<number> {
  const row = await tx.db
    .insertInto('bench_result')
    .values({ ...bench, measured_at: tx.now })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Newest first. */
export async function listBenchResults(
  db: Db,
  { kind, subject, limit }: { readonly kind: BenchKind; readonly subject?: string | undefined; readonly limit: number },
): Promise<BenchRecord[]> {
  const all = db.selectFrom('bench_result').selectAll().where('kind', '=', kind).orderBy('id', 'desc').limit(limit);
  return (subject === undefined ? all : all.where('subject', '=', subject)).execute();
}
