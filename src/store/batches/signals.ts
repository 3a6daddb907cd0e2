/** What attempts were told to do, as rows: kept so that a ladder of signals goes on where it was after a restart. */

import type { Db, Row } from '../schema.ts';
import type { Tx } from '../store.ts';

type SignalRecord = Row<'attempt_signal'>;

/** In the place of what the attempt was told before. */
export async function noteSignal(tx: Tx, signal: Omit<SignalRecord, 'told_at'>): Promise<void> {
  const { cause, level } = signal;
  await tx.db
    .insertInto('attempt_signal')
    .values({ ...signal, told_at: tx.now })
    .onConflict((conflict) => conflict.columns(['task_id', 'no']).doUpdateSet({ cause, level, told_at: tx.now }))
    .execute();
}

/** Of the attempts that are held now. */
export async function listSignals(db: Db): Promise<SignalRecord[]> {
  return db
    .selectFrom('attempt_signal')
    .innerJoin('task', 'task.id', 'attempt_signal.task_id')
    .selectAll('attempt_signal')
    .whereRef('task.attempt', '=', 'attempt_signal.no')
    .where('task.state', 'in', ['leased', 'running'])
    .execute();
}
