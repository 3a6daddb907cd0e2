/** What parked tasks wait for, as rows beside their own: an incident, or the answer to an escalation. */

import { sql } from 'kysely';

import type { Db } from '../schema.ts';
import type { Tx } from '../store.ts';
import { RECORD_COLUMNS } from './tasks.ts';
import type { TaskRecord } from './tasks.ts';

export async function parkTask(tx: Tx, taskId: number, cause: string): Promise<void> {
  await tx.db
    .insertInto('parked_task')
    .values({ task_id: taskId, cause })
    .onConflict((conflict) => conflict.column('task_id').doUpdateSet({ cause }))
    .execute();
}

/** Tasks that are parked for it, as they are; a task that somebody else has ended is not among them. */
export async function tasksParkedFor(db: Db, cause: string): Promise<TaskRecord[]> {
  return db
    .selectFrom('parked_task')
    .innerJoin('task', 'task.id', 'parked_task.task_id')
    .select(RECORD_COLUMNS.map((column) => `task.${column}` as const))
    .where('parked_task.cause', '=', cause)
    .where(sql<boolean>`task.state = 'parked'`)
    .orderBy('task.id')
    .execute();
}

export async function forgetParked(tx: Tx, cause: string): Promise<void> {
  await tx.db.deleteFrom('parked_task').where('cause', '=', cause).execute();
}
