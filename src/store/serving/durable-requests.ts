/** Requests that survive the controller, as rows: open from their acceptance until they end. Facts are the caller's. */

import type { InferenceTaskAsk, InferenceTaskRequest, TaskEvent, Workload } from '../../contract/index.ts';
import { decodeJson, encodeJson } from '../codec.ts';
import type { Db, Row } from '../schema.ts';
import type { Tx } from '../store.ts';

/** What is shown of a request, and does not change. */
interface DurableFace {
  readonly workload: Workload;
  readonly priority: 'interactive' | 'batch';
  /** Drawn when the client gave none, so that a second try gives the same. */
  readonly seed: number;
  /** The most that it may generate; null: as much as it likes. */
  readonly maxTokens: number | null;
  readonly retention: NonNullable<InferenceTaskRequest['stream_retention']>;
}

export interface NewDurableRequest {
  readonly id: string;
  /** The actor who asked. */
  readonly owner: string;
  readonly idempotencyKey: string | null;
  /** SHA-256 of what was asked for. */
  readonly digest: string;
  readonly session: string | null;
  readonly model: string;
  readonly ask: InferenceTaskAsk;
  readonly face: DurableFace;
  readonly reservedTokens: number;
  readonly deadlineAt: number | null;
}

export interface DurableEnding {
  readonly ending: 'done' | 'failed' | 'cancelled' | 'expired';
  /** Null after `done`. */
  readonly code: string | null;
  readonly instance: string | null;
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** What is kept of the stream. */
  readonly events: readonly TaskEvent[];
}

export interface DurableRecord extends Omit<NewDurableRequest, 'ask'> {
  /** Null once it has ended. */
  readonly ask: InferenceTaskAsk | null;
  readonly acceptedAt: number;
  readonly lives: number;
  readonly told: boolean;
  /** Null while it is open. */
  readonly end: (Omit<DurableEnding, 'events'> & { readonly at: number }) | null;
}

const COLUMNS = [
  'id',
  'owner',
  'idempotency_key',
  'digest',
  'session',
  'model',
  'ask',
  'face',
  'reserved_tokens',
  'accepted_at',
  'deadline_at',
  'lives',
  'told',
  'ending',
  'code',
  'instance',
  'tokens_in',
  'tokens_out',
  'ended_at',
] as const;

export async function insertDurableRequest(tx: Tx, request: NewDurableRequest): Promise<DurableRecord> {
  const row = await tx.db
    .insertInto('durable_request')
    .values({
      id: request.id,
      owner: request.owner,
      idempotency_key: request.idempotencyKey,
      digest: request.digest,
      session: request.session,
      model: request.model,
      ask: encodeJson(request.ask),
      face: encodeJson(request.face),
      reserved_tokens: request.reservedTokens,
      accepted_at: tx.now,
      deadline_at: request.deadlineAt,
      lives: 0,
      told: 0,
      ending: null,
      code: null,
      instance: null,
      tokens_in: 0,
      tokens_out: 0,
      ended_at: null,
      events: null,
    })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow();
  return fromRow(row);
}

export async function findDurableRequest(db: Db, id: string): Promise<DurableRecord | null> {
  const row = await db.selectFrom('durable_request').select(COLUMNS).where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : fromRow(row);
}

/** The one that its owner has given this key. */
export async function findByIdempotencyKey(db: Db, owner: string, key: string): Promise<DurableRecord | null> {
  const row = await db
    .selectFrom('durable_request')
    .select(COLUMNS)
    .where('owner', '=', owner)
    .where('idempotency_key', '=', key)
    .executeTakeFirst();
  return row === undefined ? null : fromRow(row);
}

export interface DurableFilter {
  /** Null: whoever they belong to. */
  readonly owner: string | null;
  readonly model?: string | undefined;
  readonly session?: string | undefined;
  readonly limit: number;
}

/** Newest first. */
export async function listDurableRequests(
  db: Db,
  { owner, model, session, limit }: DurableFilter,
): Promise<readonly DurableRecord[]> {
  const rows = await db
    .selectFrom('durable_request')
    .select(COLUMNS)
    .$if(owner !== null, (query) => query.where('owner', '=', owner ?? ''))
    .$if(model !== undefined, (query) => query.where('model', '=', model ?? ''))
    .$if(session !== undefined, (query) => query.where('session', '=', session ?? ''))
    .orderBy('accepted_at', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(fromRow);
}

/** In the order of their acceptance. */
export async function listOpenRequests(db: Db): Promise<readonly DurableRecord[]> {
  const rows = await db
    .selectFrom('durable_request')
    .select(COLUMNS)
    .where('ended_at', 'is', null)
    .orderBy('accepted_at')
    .orderBy('id')
    .execute();
  return rows.map(fromRow);
}

/** What is kept of the stream; none of a request that is open. */
export async function keptEvents(db: Db, id: string): Promise<readonly TaskEvent[]> {
  const row = await db.selectFrom('durable_request').select('events').where('id', '=', id).executeTakeFirst();
  const events = row?.events ?? null;
  return events === null ? [] : decodeJson<readonly TaskEvent[]>(events);
}

/** From now on it cannot begin anew. */
export async function noteTold(tx: Tx, id: string): Promise<void> {
  await tx.db.updateTable('durable_request').set({ told: 1 }).where('id', '=', id).execute();
}

/** Another controller has it now. */
export async function noteAnotherLife(tx: Tx, id: string): Promise<void> {
  await tx.db
    .updateTable('durable_request')
    .set(({ eb }) => ({ lives: eb('lives', '+', 1) }))
    .where('id', '=', id)
    .execute();
}

/** False when it had ended before. The prompt goes. */
export async function endDurableRequest(tx: Tx, id: string, end: DurableEnding): Promise<boolean> {
  const { numUpdatedRows } = await tx.db
    .updateTable('durable_request')
    .set({
      ask: null,
      ending: end.ending,
      code: end.code,
      instance: end.instance,
      tokens_in: end.tokensIn,
      tokens_out: end.tokensOut,
      ended_at: tx.now,
      events: encodeJson(end.events),
    })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

/** One that was never promised. */
export async function removeDurableRequest(tx: Tx, id: string): Promise<void> {
  await tx.db.deleteFrom('durable_request').where('id', '=', id).execute();
}

/** Removes what ended before the time, at most so many; answers how many. */
export async function forgetDurableRequests(
  tx: Tx,
  { before, limit }: { readonly before: number; readonly limit: number },
): Promise<number> {
  const old = await tx.db
    .selectFrom('durable_request')
    .select('id')
    .where('ended_at', '<', before)
    .limit(limit)
    .execute();
  const ids = old.map(({ id }) => id);
  if (ids.length > 0) await tx.db.deleteFrom('durable_request').where('id', 'in', ids).execute();
  return ids.length;
}

function fromRow(row: Pick<Row<'durable_request'>, (typeof COLUMNS)[number]>): DurableRecord {
  return {
    id: row.id,
    owner: row.owner,
    idempotencyKey: row.idempotency_key,
    digest: row.digest,
    session: row.session,
    model: row.model,
    ask: row.ask === null ? null : decodeJson<InferenceTaskAsk>(row.ask),
    face: decodeJson<DurableFace>(row.face),
    reservedTokens: row.reserved_tokens,
    acceptedAt: row.accepted_at,
    deadlineAt: row.deadline_at,
    lives: row.lives,
    told: row.told === 1,
    end: endOf(row),
  };
}

type EndColumns = 'ending' | 'code' | 'instance' | 'tokens_in' | 'tokens_out' | 'ended_at';

function endOf(row: Pick<Row<'durable_request'>, EndColumns>): DurableRecord['end'] {
  if (row.ending === null || row.ended_at === null) return null;
  const { ending, code, instance } = row;
  return { ending, code, instance, tokensIn: row.tokens_in, tokensOut: row.tokens_out, at: row.ended_at };
}
