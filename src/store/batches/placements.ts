/** Loads and unloads of models that the brain decided on, newest kept for people to see. */

import type { Selectable } from 'kysely';

import type { Db, PlacementTable } from '../schema.ts';
import type { Tx } from '../store.ts';

export type PlacementRecord = Selectable<PlacementTable>;
export type NewPlacement = Pick<PlacementRecord, 'action' | 'model' | 'target' | 'because'>;

/** Older ones that have ended are dropped. */
const KEPT = 500;

export async function beginPlacement(tx: Tx, placement: NewPlacement): Promise<number> {
  const { id } = await tx.db
    .insertInto('placement')
    .values({ ...placement, state: 'running', started_at: tx.now })
    .returning('id')
    .executeTakeFirstOrThrow();
  await tx.db
    .deleteFrom('placement')
    .where('id', '<=', id - KEPT)
    .where('state', '!=', 'running')
    .execute();
  return id;
}

export async function endPlacement(
  tx: Tx,
  id: number,
  end: { readonly state: 'succeeded' | 'failed'; readonly reason: string | null },
): Promise<void> {
  await tx.db
    .updateTable('placement')
    .set({ ...end, ended_at: tx.now })
    .where('id', '=', id)
    .execute();
}

/** Those that an earlier life of the controller left open: what they began goes on, and shows in the instances. */
export async function closeLeftPlacements(tx: Tx): Promise<void> {
  await tx.db
    .updateTable('placement')
    .set({ state: 'failed', reason: 'the controller went down meanwhile', ended_at: tx.now })
    .where('state', '=', 'running')
    .execute();
}

/** The newest first. */
export async function listPlacements(db: Db): Promise<PlacementRecord[]> {
  return db.selectFrom('placement').selectAll().orderBy('id', 'desc').execute();
}
