/** Definitions that failed, and the patches that hold for the rest of their steps, as rows. */

import { sql } from 'kysely';

import type { FailureClass, IncidentState } from '../../contract/index.ts';
import type { Db, Row } from '../schema.ts';
import type { JsonText } from '../codec.ts';
import type { Tx } from '../store.ts';

export type IncidentRecord = Row<'incident'>;
type SpecRevisionRecord = Row<'spec_revision'>;

interface NewIncident {
  readonly batchId: string;
  readonly step: string;
  readonly fingerprint: string;
  readonly class: FailureClass;
  readonly sample: string;
}

export async function openIncident(tx: Tx, incident: NewIncident): Promise<IncidentRecord> {
  const { batchId, step, fingerprint, class: failureClass, sample } = incident;
  return tx.db
    .insertInto('incident')
    .values({
      batch_id: batchId,
      step,
      fingerprint,
      class: failureClass,
      sample,
      state: 'proposing',
      failures: 1,
      opened_at: tx.now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function findIncident(db: Db, batchId: string, fingerprint: string): Promise<IncidentRecord | null> {
  const row = await db
    .selectFrom('incident')
    .selectAll()
    .where('batch_id', '=', batchId)
    .where('fingerprint', '=', fingerprint)
    .executeTakeFirst();
  return row ?? null;
}

export async function loadIncident(db: Db, id: number): Promise<IncidentRecord | null> {
  return (await db.selectFrom('incident').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** Of all batches, or of one. */
export async function listOpenIncidents(db: Db, batchId?: string): Promise<IncidentRecord[]> {
  const open = db.selectFrom('incident').selectAll().where('closed_at', 'is', null).orderBy('id');
  return (batchId === undefined ? open : open.where('batch_id', '=', batchId)).execute();
}

/** Patches of a model for a batch, over all its incidents: proposed, or asked for in other incidents than this one. */
export async function countProposals(db: Db, { batch_id: batchId, id }: IncidentRecord): Promise<number> {
  const { rows } = await sql<{ patches: number | null }>`
    select sum(proposals + case when state = 'proposing' and closed_at is null and id <> ${id} then 1 else 0 end) as patches
    from incident where batch_id = ${batchId}`.execute(db);
  return Number(rows[0]?.patches ?? 0);
}

interface IncidentChange {
  readonly state?: IncidentState;
  readonly patch?: JsonText | null;
  readonly objection?: string;
  readonly author?: string | null;
  readonly proposals?: number;
  readonly failures?: number;
  readonly canary_task?: number | null;
  readonly closed_at?: number | null;
}

export async function changeIncident(tx: Tx, id: number, change: IncidentChange): Promise<void> {
  await tx.db.updateTable('incident').set(change).where('id', '=', id).execute();
}

/** What was given up may be tried anew: a failure that says the same opens another incident. */
export async function retireIncident(tx: Tx, id: number): Promise<void> {
  const incident = await loadIncident(tx.db, id);
  if (incident) {
    const fingerprint = `${incident.fingerprint} ${id}`;
    await tx.db.updateTable('incident').set({ fingerprint }).where('id', '=', id).execute();
  }
}

export async function listSpecRevisions(db: Db, batchId: string): Promise<SpecRevisionRecord[]> {
  return db
    .selectFrom('spec_revision')
    .selectAll()
    .where('batch_id', '=', batchId)
    .orderBy('step')
    .orderBy('revision')
    .execute();
}

/** The number of the new revision of its step. */
export async function acceptRevision(
  tx: Tx,
  revision: Omit<SpecRevisionRecord, 'revision' | 'accepted_at'>,
): Promise<number> {
  const { batch_id: batchId, step } = revision;
  const last = await tx.db
    .selectFrom('spec_revision')
    .select((eb) => eb.fn.max('revision').as('last'))
    .where('batch_id', '=', batchId)
    .where('step', '=', step)
    .executeTakeFirst();
  const next = Number(last?.last ?? 0) + 1;
  await tx.db
    .insertInto('spec_revision')
    .values({ ...revision, revision: next, accepted_at: tx.now })
    .execute();
  return next;
}
