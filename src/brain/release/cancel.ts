/** Kills a batch: what nobody holds ends now, what is held is told to stop and ends with its outcome. */

import { subject } from '../../contract/index.ts';
import { cancelUnheldTasks, requestCancel } from '../../store/index.ts';
import { CONTROLLER, forget } from '../book.ts';
import type { Known } from '../known.ts';
import { holderOf } from '../tasks/task-state.ts';
import { keyOf, refOf } from '../turn/turn.ts';
import type { Turn } from '../turn/turn.ts';
import { killUnreadable } from '../turn/unreadable.ts';

export async function applyKill(turn: Turn, batchId: string): Promise<void> {
  const batch = turn.book.batches.get(batchId);
  if (!batch) return killUnreadable(turn, batchId);
  if (!(await requestCancel(turn.tx, batchId))) return;
  batch.cancelling = true;
  turn.touched.add(batchId);
  turn.tx.record({ type: 'batch.cancel_requested', subject: subject.batch(batchId), data: {} });
  for (const { name } of await cancelUnheldTasks(turn.tx, batchId)) {
    turn.tx.record({ type: 'task.cancelled', subject: subject.task(batchId, name), data: {} });
  }
  turn.book.queue.dropBatch(batchId);
  for (const known of turn.book.known.values()) if (known.batch === batch) stop(turn, known);
}

function stop(turn: Turn, known: Known): void {
  const holder = holderOf(known.task);
  if (known.kind === 'template' || !holder) {
    turn.effects.push({ kind: 'cancel-acquire', id: known.id });
    forget(turn.book, known);
  } else if (holder.agent === CONTROLLER) turn.effects.push({ kind: 'abort', key: keyOf(known) });
  else turn.effects.push({ kind: 'signal', host: holder.agent, attempt: refOf(known) });
}
