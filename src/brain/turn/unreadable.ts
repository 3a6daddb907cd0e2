/**
 * Batches whose stored plan cannot be read any more (a broken store, a version of another Drover): they are not moved,
 * hold up nobody else, and a person is asked. A later start that can read them goes on with them.
 */

import { subject } from '../../contract/index.ts';
import { cancelOpenTasks, endBatch, listEscalations, loadPlanVersion, requestCancel } from '../../store/index.ts';
import type { BatchRecord, Db } from '../../store/index.ts';
import { toActiveBatch } from '../active-batch.ts';
import type { ActiveBatch } from '../active-batch.ts';
import { openEscalation, withdrawEscalation } from '../escalations/escalate.ts';
import { recallRevisions } from '../incidents/recall.ts';
import type { Turn } from './turn.ts';

type ReadBatch =
  | { readonly kind: 'read'; readonly batch: ActiveBatch }
  | { readonly kind: 'unreadable'; readonly reason: string };

export async function readBatch(db: Db, row: BatchRecord): Promise<ReadBatch> {
  const compiled = await loadPlanVersion(db, row.plan_digest);
  if (compiled === null) return { kind: 'unreadable', reason: `its version ${row.plan_digest} is gone` };
  let batch: ActiveBatch;
  try {
    batch = toActiveBatch(row, compiled);
  } catch (error) {
    return { kind: 'unreadable', reason: String(error) };
  }
  await recallRevisions(db, batch);
  return { kind: 'read', batch };
}

const topicOf = (batchId: string) => ({ kind: 'plan', batchId, task: null }) as const;

/** Asks about what cannot be read, and takes back the questions about what can be read again. */
export async function askAboutUnreadable(turn: Turn): Promise<void> {
  for (const [batchId, reason] of turn.book.unreadable) {
    await openEscalation(turn.tx, {
      ...topicOf(batchId),
      question: `batch ${batchId} stands still: its plan in the store cannot be read (${reason})`,
      choices: ['leave', 'kill'],
      detail: { reason },
    });
  }
  const open = await listEscalations(turn.tx.db, { openOnly: true });
  for (const { kind, batch_id: id } of open) {
    if (kind === 'plan' && id !== null && turn.book.batches.has(id)) await withdrawEscalation(turn.tx, topicOf(id));
  }
}

/** A kill by command; the question is moot then. */
export async function killUnreadable(turn: Turn, batchId: string): Promise<void> {
  await endUnreadable(turn, batchId);
  await withdrawEscalation(turn.tx, topicOf(batchId));
}

/** Nobody can say what of it may still run, so all that is open is cancelled; agents were told to drop what they held. */
export async function endUnreadable(turn: Turn, batchId: string): Promise<void> {
  const { tx, book } = turn;
  if (!book.unreadable.delete(batchId) || !(await requestCancel(tx, batchId))) return;
  tx.record({ type: 'batch.cancel_requested', subject: subject.batch(batchId), data: {} });
  for (const { name } of await cancelOpenTasks(tx, batchId)) {
    tx.record({ type: 'task.cancelled', subject: subject.task(batchId, name), data: {} });
  }
  const createdAt = await endBatch(tx, batchId, 'cancelled');
  if (createdAt === null) return;
  const data = { status: 'cancelled' as const, duration_ms: tx.now - createdAt };
  tx.record({ type: 'batch.ended', subject: subject.batch(batchId), data });
  turn.effects.push({ kind: 'batch-ended', batchId });
}
