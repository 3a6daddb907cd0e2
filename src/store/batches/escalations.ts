/** Questions to those above the brain, and how far each has been delivered, as rows. */

import { sql } from 'kysely';

import type { EscalationHook, EscalationKind } from '../../contract/index.ts';
import type { Db, Row } from '../schema.ts';
import type { JsonText } from '../codec.ts';
import type { Tx } from '../store.ts';

export type EscalationRecord = Row<'escalation'>;
export type DeliveryRecord = Row<'escalation_delivery'>;

interface NewEscalation {
  readonly kind: EscalationKind;
  /** One is open of each topic. */
  readonly topic: string;
  readonly batchId: string | null;
  readonly task: string | null;
  readonly question: string;
  readonly choices: JsonText;
  readonly detail: JsonText;
}

/** The id; null when one of its topic is open. */
export async function insertEscalation(tx: Tx, escalation: NewEscalation): Promise<number | null> {
  const { kind, topic, batchId, task, question, choices, detail } = escalation;
  const row = await tx.db
    .insertInto('escalation')
    .values({ kind, topic, batch_id: batchId, task, question, choices, detail, status: 'open', opened_at: tx.now })
    .onConflict((conflict) => conflict.column('topic').where('status', '=', sql.lit('open')).doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id ?? null;
}

export async function findEscalation(db: Db, id: number): Promise<EscalationRecord | null> {
  return (await db.selectFrom('escalation').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

export async function findOpenEscalation(db: Db, topic: string): Promise<EscalationRecord | null> {
  const row = await db
    .selectFrom('escalation')
    .selectAll()
    .where('topic', '=', topic)
    .where(sql<boolean>`status = 'open'`)
    .executeTakeFirst();
  return row ?? null;
}

/** Newest first. */
export async function listEscalations(
  db: Db,
  { openOnly }: { readonly openOnly: boolean },
): Promise<EscalationRecord[]> {
  const all = db.selectFrom('escalation').selectAll().orderBy('id', 'desc');
  return (openOnly ? all.where(sql<boolean>`status = 'open'`) : all).execute();
}

/** False when it is not open any more. */
export async function closeEscalation(
  tx: Tx,
  id: number,
  end: { readonly answer: string; readonly by: string } | 'withdrawn',
): Promise<boolean> {
  const answered = end !== 'withdrawn';
  const result = await tx.db
    .updateTable('escalation')
    .set({
      status: answered ? 'answered' : 'withdrawn',
      answer: answered ? end.answer : null,
      answered_by: answered ? end.by : null,
      closed_at: tx.now,
    })
    .where('id', '=', id)
    .where(sql<boolean>`status = 'open'`)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Withdraws what is open of a batch; answers the ids. */
export async function withdrawEscalations(tx: Tx, batchId: string): Promise<number[]> {
  const rows = await tx.db
    .updateTable('escalation')
    .set({ status: 'withdrawn', closed_at: tx.now })
    .where('batch_id', '=', batchId)
    .where(sql<boolean>`status = 'open'`)
    .returning('id')
    .execute();
  return rows.map(({ id }) => id);
}

export async function suggestAnswer(tx: Tx, id: number, suggestion: string): Promise<void> {
  await tx.db.updateTable('escalation').set({ suggestion }).where('id', '=', id).execute();
}

export async function deliveriesOf(db: Db, ids: readonly number[]): Promise<DeliveryRecord[]> {
  if (ids.length === 0) return [];
  return db.selectFrom('escalation_delivery').selectAll().where('escalation_id', 'in', ids).execute();
}

/** Enters that a hook is to hear of an open escalation; nothing when it is entered already. */
export async function enterDelivery(tx: Tx, escalationId: number, hook: EscalationHook): Promise<void> {
  await tx.db
    .insertInto('escalation_delivery')
    .values({ escalation_id: escalationId, hook, next_at: tx.now })
    .onConflict((conflict) => conflict.columns(['escalation_id', 'hook']).doNothing())
    .execute();
}

/**
 * Takes a delivery that is due for one controller until `until`; false when another is at it, or it is not due. Who
 * dies with it loses it by the clock, so that it is tried again.
 */
export async function claimDelivery(
  tx: Tx,
  escalationId: number,
  hook: EscalationHook,
  until: number,
): Promise<boolean> {
  const result = await tx.db
    .updateTable('escalation_delivery')
    .set((eb) => ({ claimed_until: until, tries: eb('tries', '+', 1) }))
    .where('escalation_id', '=', escalationId)
    .where('hook', '=', hook)
    .where('delivered_at', 'is', null)
    .where('next_at', '<=', tx.now)
    .where('claimed_until', '<=', tx.now)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function noteDelivered(tx: Tx, escalationId: number, hook: EscalationHook): Promise<void> {
  await tx.db
    .updateTable('escalation_delivery')
    .set({ delivered_at: tx.now, claimed_until: 0, error: null })
    .where('escalation_id', '=', escalationId)
    .where('hook', '=', hook)
    .execute();
}

interface FailedDelivery {
  readonly escalationId: number;
  readonly hook: EscalationHook;
  readonly error: string;
  readonly nextAt: number;
}

export async function noteUndelivered(tx: Tx, { escalationId, hook, error, nextAt }: FailedDelivery): Promise<void> {
  await tx.db
    .updateTable('escalation_delivery')
    .set({ error, next_at: nextAt, claimed_until: 0 })
    .where('escalation_id', '=', escalationId)
    .where('hook', '=', hook)
    .execute();
}
