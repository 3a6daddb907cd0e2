/** What of a batch runs now and what ended lately: few rows, found without walking its tasks. */

import { sql } from 'kysely';

import type { Db } from '../schema.ts';

interface RecentEnds {
  readonly ended: number;
  readonly tokensOut: number;
}

/** Tasks that have ended since then, and the tokens that their attempts brought. */
export async function paceOfBatch(db: Db, batchId: string, since: number): Promise<RecentEnds> {
  const { rows } = await sql<{ ended: number; tokens: number | null }>`
    select count(distinct task.id) as ended, sum(attempt.tokens_out) as tokens from task
    left join attempt on attempt.task_id = task.id and attempt.ended_at >= ${since}
    where task.batch_id = ${batchId} and task.kind = 'task' and task.ended_at >= ${since}`.execute(db);
  return { ended: Number(rows[0]?.ended ?? 0), tokensOut: Number(rows[0]?.tokens ?? 0) };
}

/** Names of tasks that run, those that began first. */
export async function listRunningTasks(db: Db, batchId: string, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('task')
    .select('name')
    .where('batch_id', '=', batchId)
    .where('state', '=', 'running')
    .where('kind', '=', 'task')
    .orderBy('started_at')
    .limit(limit)
    .execute();
  return rows.map(({ name }) => name);
}
