/** Peaks of memory that earlier attempts of a plan's steps were seen to use, newest last. */

import { decodeJson, encodeJson } from '../codec.ts';
import type { Db } from '../schema.ts';
import type { Tx } from '../store.ts';

interface LearnedPeaks {
  readonly plan: string;
  readonly step: string;
  readonly peaks: readonly number[];
}

export async function listLearnedMemory(db: Db): Promise<readonly LearnedPeaks[]> {
  const rows = await db.selectFrom('learned_memory').selectAll().execute();
  return rows.map(({ plan, step, peaks }) => ({ plan, step, peaks: decodeJson<number[]>(peaks) }));
}

export async function saveLearnedMemory(tx: Tx, { plan, step, peaks }: LearnedPeaks): Promise<void> {
  const row = { peaks: encodeJson(peaks), updated_at: tx.now };
  await tx.db
    .insertInto('learned_memory')
    .values({ plan, step, ...row })
    .onConflict((conflict) => conflict.columns(['plan', 'step']).doUpdateSet(row))
    .execute();
}
