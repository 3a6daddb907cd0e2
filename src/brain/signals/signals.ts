/** What attempts are told to do, by a person or for their silence: stored and told as a fact, then sent. */

import { subject } from '../../contract/index.ts';
import type { SignalLevel } from '../../contract/index.ts';
import { findTask, noteSignal } from '../../store/index.ts';
import { CONTROLLER, heldBy } from '../book.ts';
import { toKnown } from '../known.ts';
import type { Known, Told } from '../known.ts';
import { holderOf } from '../tasks/task-state.ts';
import { expect, keyOf, move, refOf } from '../turn/turn.ts';
import type { Turn } from '../turn/turn.ts';

/** What a person may tell a task. */
export type PersonSignal = Extract<SignalLevel, 'stop' | 'abort' | 'kill'>;

export type SignalResult =
  | { readonly kind: 'told' }
  /** Nobody held it: it ended at once. */
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'unknown' | 'ended' | 'template' };

/** Notes what the attempt under way is told, and tells its holder after the commit. */
export function tell(turn: Turn, known: Known, { cause, level }: Omit<Told, 'at'>): void {
  const { attempt: no } = known.task;
  known.told = { cause, level, at: turn.tx.now };
  expect(turn, noteSignal(turn.tx, { task_id: known.id, no, cause, level }));
  const holder = holderOf(known.task);
  if (!holder || level === 'stop' || level === 'manual') return;
  if (holder.agent === CONTROLLER) turn.effects.push({ kind: 'abort', key: keyOf(known) });
  else turn.effects.push({ kind: 'signal', host: holder.agent, attempt: refOf(known), signal: level });
}

/** A person's word to one task: what runs is told, anything else ends now. It is cancelled, and no other task is. */
export async function applyTaskSignal(
  turn: Turn,
  batchId: string,
  name: string,
  signal: PersonSignal,
): Promise<SignalResult> {
  const batch = turn.book.batches.get(batchId);
  const row = await findTask(turn.tx.db, batchId, name);
  if (!row) return { kind: 'unknown' };
  if (row.kind === 'template') return { kind: 'template' };
  const known = turn.book.known.get(row.id) ?? (batch ? toKnown(batch, row) : null);
  if (!known || known.task.status.kind === 'ended') return { kind: 'ended' };
  turn.tx.record({ type: 'task.signalled', subject: subject.task(batchId, name), data: { signal } });
  if (holderOf(known.task)) {
    tell(turn, known, { cause: 'person', level: signal });
    return { kind: 'told' };
  }
  turn.effects.push({ kind: 'cancel-acquire', id: known.id });
  turn.book.queue.remove(known.id);
  move(turn, known, { kind: 'cancelled', because: 'stopped on request' });
  return { kind: 'cancelled' };
}

/** Ends what runs on a device: none of it is to blame, so all of it goes elsewhere. Answers how many that are. */
export function applyDeviceSignal(turn: Turn, host: string, device: string, signal: 'abort' | 'kill'): number {
  const there = heldBy(turn.book, host).filter(
    ({ task: { status } }) => status.kind === 'running' && status.device === device,
  );
  for (const known of there) {
    turn.effects.push({ kind: 'signal', host, attempt: refOf(known), signal });
  }
  turn.tx.record({
    type: 'device.signalled',
    subject: subject.device(host, device),
    data: { signal, tasks: there.length },
  });
  return there.length;
}
