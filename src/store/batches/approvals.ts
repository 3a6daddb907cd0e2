/** Commands that people have allowed to tasks of a batch, as rows. */

import type { Db, Row } from '../schema.ts';
import type { Tx } from '../store.ts';

export type ApprovalRecord = Row<'approval'>;

/** What is there already stays. */
export async function noteApprovals(tx: Tx, approvals: readonly ApprovalRecord[]): Promise<void> {
  if (approvals.length === 0) return;
  await tx.db
    .insertInto('approval')
    .values([...approvals])
    .onConflict((conflict) => conflict.columns(['batch_id', 'task', 'command']).doNothing())
    .execute();
}

/** Of the batches that still run. */
export async function listApprovals(db: Db): Promise<ApprovalRecord[]> {
  return db
    .selectFrom('approval')
    .innerJoin('batch', 'batch.id', 'approval.batch_id')
    .selectAll('approval')
    .where('batch.ended_at', 'is', null)
    .execute();
}
