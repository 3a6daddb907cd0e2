/** Sessions of the native task API as rows. One that nobody has used for a while, and in which nothing is open, is gone. */

import type { Db, Row } from '../schema.ts';
import type { Tx } from '../store.ts';

export interface SessionRecord {
  readonly owner: string;
  readonly id: string;
  readonly turns: number;
  readonly tokensUsed: number;
  readonly msUsed: number;
  readonly budgetTokens: number | null;
  readonly budgetMs: number | null;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  /** Turns that have not ended, and what they may use. */
  readonly openTurns: number;
  readonly reservedTokens: number;
}

/** Null: without a limit. */
export interface SessionBudget {
  readonly budgetTokens?: number | null;
  readonly budgetMs?: number | null;
}

export interface SessionName {
  readonly owner: string;
  readonly id: string;
}

/** The session of this name, made when there is none. `idleMs`: after so long without use it would be another one. */
export async function openSession(tx: Tx, { owner, id }: SessionName, idleMs: number): Promise<SessionRecord> {
  await forgetIdleSessions(tx, idleMs);
  const fresh = { turns: 0, tokens_used: 0, ms_used: 0, budget_tokens: null, budget_ms: null };
  await tx.db
    .insertInto('inference_session')
    .values({ owner, id, ...fresh, created_at: tx.now, last_used_at: tx.now })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const [session] = await listSessions(tx.db, { owner, id, usedAfter: 0 });
  if (session === undefined) throw new Error('the session was just made');
  return session;
}

/** What is not given stays. */
export async function setSessionBudget(tx: Tx, { owner, id }: SessionName, budget: SessionBudget): Promise<void> {
  await tx.db
    .updateTable('inference_session')
    .set({
      last_used_at: tx.now,
      ...(budget.budgetTokens === undefined ? {} : { budget_tokens: budget.budgetTokens }),
      ...(budget.budgetMs === undefined ? {} : { budget_ms: budget.budgetMs }),
    })
    .where('owner', '=', owner)
    .where('id', '=', id)
    .execute();
}

/** A turn begins, or one has ended with what it used. */
export async function noteTurn(
  tx: Tx,
  { owner, id }: SessionName,
  used: { readonly turns: number; readonly tokens: number; readonly ms: number },
): Promise<void> {
  await tx.db
    .updateTable('inference_session')
    .set(({ eb }) => ({
      turns: eb('turns', '+', used.turns),
      tokens_used: eb('tokens_used', '+', used.tokens),
      ms_used: eb('ms_used', '+', used.ms),
      last_used_at: tx.now,
    }))
    .where('owner', '=', owner)
    .where('id', '=', id)
    .execute();
}

interface SessionFilter {
  /** Null: whoever they belong to. */
  readonly owner: string | null;
  readonly id?: string | undefined;
  /** Others are there only while a turn is open. */
  readonly usedAfter: number;
}

/** Latest used first. */
export async function listSessions(db: Db, { owner, id, usedAfter }: SessionFilter): Promise<readonly SessionRecord[]> {
  const rows = await db
    .selectFrom('inference_session')
    .selectAll()
    .$if(owner !== null, (query) => query.where('owner', '=', owner ?? ''))
    .$if(id !== undefined, (query) => query.where('id', '=', id ?? ''))
    .orderBy('last_used_at', 'desc')
    .orderBy('id')
    .execute();
  const open = await openTurns(db);
  return rows
    .map((row) => fromRow(row, open))
    .filter((session) => session.openTurns > 0 || session.lastUsedAt > usedAfter);
}

interface OpenTurn {
  readonly owner: string;
  readonly session: string | null;
  readonly reserved_tokens: number;
}

function openTurns(db: Db): Promise<readonly OpenTurn[]> {
  return db
    .selectFrom('durable_request')
    .select(['owner', 'session', 'reserved_tokens'])
    .where('ended_at', 'is', null)
    .where('session', 'is not', null)
    .execute();
}

/** False when there was none. */
export async function removeSession(tx: Tx, { owner, id }: SessionName): Promise<boolean> {
  const { numDeletedRows } = await tx.db
    .deleteFrom('inference_session')
    .where('owner', '=', owner)
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
}

async function forgetIdleSessions(tx: Tx, idleMs: number): Promise<void> {
  const isOpen = new Set((await openTurns(tx.db)).map(({ owner, session }) => `${owner} ${session ?? ''}`));
  const idle = await tx.db
    .selectFrom('inference_session')
    .select(['owner', 'id'])
    .where('last_used_at', '<=', tx.now - idleMs)
    .execute();
  for (const name of idle) if (!isOpen.has(`${name.owner} ${name.id}`)) await removeSession(tx, name);
}

function fromRow(row: Row<'inference_session'>, open: readonly OpenTurn[]): SessionRecord {
  const turns = open.filter(({ owner, session }) => owner === row.owner && session === row.id);
  return {
    owner: row.owner,
    id: row.id,
    turns: row.turns,
    tokensUsed: row.tokens_used,
    msUsed: row.ms_used,
    budgetTokens: row.budget_tokens,
    budgetMs: row.budget_ms,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    openTurns: turns.length,
    reservedTokens: turns.reduce((sum, turn) => sum + turn.reserved_tokens, 0),
  };
}
