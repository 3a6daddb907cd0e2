/** The attempts at tasks, as rows: one per try, with all that is known of it. */

import { sql } from 'kysely';

import type { FailureClass } from '../contract/index.ts';
import { insertMany } from './bulk.ts';
import type { Db, Row } from './schema.ts';
import type { Tx } from './store.ts';

/** How an attempt is recorded as ended. `lost` and `returned` ones never counted; a `fenced` one reported too late. */
export type AttemptResult = 'succeeded' | 'failed' | 'cancelled' | 'returned' | 'lost' | 'fenced';

export interface NewAttempt {
  readonly taskId: number;
  readonly no: number;
  readonly agent: string;
  readonly epoch: number;
  readonly dir: string;
}

export async function insertAttempts(tx: Tx, attempts: readonly NewAttempt[]): Promise<void> {
  const rows = attempts.map((attempt) => ({
    task_id: attempt.taskId,
    no: attempt.no,
    agent: attempt.agent,
    epoch: attempt.epoch,
    dir: attempt.dir,
    leased_at: tx.now,
  }));
  await insertMany(tx, 'attempt', rows);
}

export interface AttemptStart {
  readonly device: string;
  readonly pid: number | null;
  readonly at: number;
}

export async function startAttempt(tx: Tx, taskId: number, no: number, start: AttemptStart): Promise<void> {
  await sql`update attempt set device = ${start.device}, pid = ${start.pid}, started_at = ${start.at}
    where task_id = ${taskId} and no = ${no}`.execute(tx.db);
}

/** The agent holds the attempt in a new life. */
export async function reholdAttempt(tx: Tx, taskId: number, no: number, epoch: number): Promise<void> {
  await sql`update attempt set epoch = ${epoch} where task_id = ${taskId} and no = ${no}`.execute(tx.db);
}

export interface AttemptEnd {
  readonly result: AttemptResult;
  readonly device: string | null;
  readonly startedAt: number | null;
  readonly endedAt: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly class: FailureClass | null;
  readonly reason: string | null;
  readonly tail: string | null;
  readonly peakMemoryBytes: number | null;
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
}

export async function endAttempt(tx: Tx, taskId: number, no: number, end: AttemptEnd): Promise<void> {
  await sql`update attempt set result = ${end.result}, device = coalesce(${end.device}, device),
      started_at = coalesce(${end.startedAt}, started_at), ended_at = ${end.endedAt}, exit_code = ${end.exitCode},
      signal = ${end.signal}, class = ${end.class}, reason = ${end.reason}, tail = ${end.tail},
      peak_memory_bytes = ${end.peakMemoryBytes}, tokens_in = ${end.tokensIn}, tokens_out = ${end.tokensOut}
    where task_id = ${taskId} and no = ${no}`.execute(tx.db);
}

/** Marks an attempt that reported after it was given up. False when it has reported before, or was not given up. */
export async function fenceAttempt(tx: Tx, taskId: number, no: number): Promise<boolean> {
  const result = await sql`update attempt set result = 'fenced' where task_id = ${taskId} and no = ${no}
    and result in ('lost', 'returned')`.execute(tx.db);
  return result.numAffectedRows === 1n;
}

/** Earlier attempts of a task that ended with this class. */
export async function countAttempts(db: Db, taskId: number, failureClass: FailureClass): Promise<number> {
  const row = await db
    .selectFrom('attempt')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('task_id', '=', taskId)
    .where('class', '=', failureClass)
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

export async function attemptsOfTask(db: Db, taskId: number): Promise<Row<'attempt'>[]> {
  return db.selectFrom('attempt').selectAll().where('task_id', '=', taskId).orderBy('no').execute();
}

/** All attempts of a batch, for its summary. */
export async function attemptsOfBatch(db: Db, batchId: string): Promise<Row<'attempt'>[]> {
  return db
    .selectFrom('attempt')
    .innerJoin('task', 'task.id', 'attempt.task_id')
    .selectAll('attempt')
    .where('task.batch_id', '=', batchId)
    .orderBy('attempt.task_id')
    .orderBy('attempt.no')
    .execute();
}
