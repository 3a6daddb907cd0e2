/** The attempts at tasks, as rows: one per try, with all that is known of it. */

import { sql } from 'kysely';

import type { FailureClass } from '../../contract/index.ts';
import { insertMany } from '../commit/insert-many.ts';
import { decodeJson, encodeJson } from '../codec.ts';
import type { Db, Row } from '../schema.ts';
import { run, statement } from '../commit/statement.ts';
import type { Tx } from '../store.ts';

/** Ids that go into one statement. */
const CHUNK = 5_000;

/** How an attempt is recorded as ended. `lost` and `returned` ones never counted; a `fenced` one reported too late. */
type AttemptResult = 'succeeded' | 'failed' | 'cancelled' | 'returned' | 'lost' | 'fenced';

interface NewAttempt {
  readonly taskId: number;
  readonly no: number;
  readonly agent: string;
  readonly epoch: number;
  readonly dir: string;
  /** The model slot that its command holds. */
  readonly slot?: SlotOfAttempt;
}

/** Where the calls of a command are served; its token itself is known to nobody else. */
interface SlotOfAttempt {
  readonly instance: string;
  readonly tokenHash: string;
}

export async function insertAttempts(tx: Tx, attempts: readonly NewAttempt[]): Promise<void> {
  const rows = attempts.map((attempt) => ({
    task_id: attempt.taskId,
    no: attempt.no,
    agent: attempt.agent,
    epoch: attempt.epoch,
    dir: attempt.dir,
    leased_at: tx.now,
    slot: attempt.slot === undefined ? null : encodeJson(attempt.slot),
  }));
  await insertMany(tx, 'attempt', rows);
}

/** The slots of the attempts that somebody holds. */
export async function slotsOfHeld(
  db: Db,
): Promise<{ readonly taskId: number; readonly no: number; readonly slot: SlotOfAttempt }[]> {
  const result = await sql<{ task_id: number; no: number; slot: string }>`
    select attempt.task_id, attempt.no, attempt.slot from task
    join attempt on attempt.task_id = task.id and attempt.no = task.attempt
    where task.state in ('leased', 'running') and attempt.slot is not null`.execute(db);
  return result.rows.map(({ task_id: taskId, no, slot }) => ({ taskId, no, slot: decodeJson<SlotOfAttempt>(slot) }));
}

interface AttemptStart {
  readonly device: string;
  readonly pid: number | null;
  readonly at: number;
}

const START = statement(`
  update attempt set device = ?, pid = ?, started_at = ? where task_id = ? and no = ?`);

export async function startAttempt(tx: Tx, taskId: number, no: number, start: AttemptStart): Promise<void> {
  await run(tx, START, [start.device, start.pid, start.at, taskId, no]);
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

const END = statement(`
  update attempt set result = ?, device = coalesce(?, device), started_at = coalesce(?, started_at), ended_at = ?,
    exit_code = ?, signal = ?, class = ?, reason = ?, tail = ?, peak_memory_bytes = ?, tokens_in = ?, tokens_out = ?
  where task_id = ? and no = ?`);

export async function endAttempt(tx: Tx, taskId: number, no: number, end: AttemptEnd): Promise<void> {
  await writeEnd(tx, taskId, no, end.result, end);
}

/** What it did is done and measured; what it comes to is still being judged. */
export async function workDone(tx: Tx, taskId: number, no: number, end: AttemptEnd): Promise<void> {
  await writeEnd(tx, taskId, no, null, end);
}

async function writeEnd(
  tx: Tx,
  taskId: number,
  no: number,
  result: AttemptResult | null,
  end: AttemptEnd,
): Promise<void> {
  await run(tx, END, [
    result,
    end.device,
    end.startedAt,
    end.endedAt,
    end.exitCode,
    end.signal,
    end.class,
    end.reason,
    end.tail,
    end.peakMemoryBytes,
    end.tokensIn,
    end.tokensOut,
    taskId,
    no,
  ]);
}

interface AttemptScore {
  readonly score: number | null;
  readonly reason: string;
}

const SCORE = statement('update attempt set score = ?, score_reason = ? where task_id = ? and no = ?');

/** Keeps what the brain thinks of the output of an attempt, or why it was not asked. */
export async function scoreAttempt(tx: Tx, taskId: number, no: number, { score, reason }: AttemptScore): Promise<void> {
  await run(tx, SCORE, [score, reason, taskId, no]);
}

/** Marks an attempt that reported after it was given up. False when it has reported before, or was not given up. */
export async function fenceAttempt(tx: Tx, taskId: number, no: number): Promise<boolean> {
  const result = await sql`update attempt set result = 'fenced' where task_id = ${taskId} and no = ${no}
    and result in ('lost', 'returned')`.execute(tx.db);
  return result.numAffectedRows === 1n;
}

/** A failure that was the attempt's own or its device's. */
type PastFailure = Pick<Row<'attempt'>, 'task_id' | 'agent' | 'device' | 'class'>;

export async function pastFailures(db: Db, taskIds: readonly number[]): Promise<PastFailure[]> {
  const found: PastFailure[] = [];
  for (let start = 0; start < taskIds.length; start += CHUNK) {
    const rows = await db
      .selectFrom('attempt')
      .select(['task_id', 'agent', 'device', 'class'])
      .where('task_id', 'in', taskIds.slice(start, start + CHUNK))
      .where('class', 'is not', null)
      .orderBy('task_id')
      .orderBy('no')
      .execute();
    found.push(...rows);
  }
  return found;
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
