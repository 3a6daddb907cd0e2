/** Writes what `release.ts` decided: who waits on, who is ready, who can never run. */

import { subject } from '../../contract/index.ts';
import { addToGroup } from '../../kernel/index.ts';
import { endWaitingTasks, releaseTasks, setPending } from '../../store/index.ts';
import type { TaskRecord } from '../../store/index.ts';
import { file } from '../book.ts';
import { toKnown } from '../known.ts';
import { findRefused } from './condition.ts';
import type { ChildVerdict } from './release.ts';
import { isEndState } from '../tasks/task-codec.ts';
import { move } from '../turn/turn.ts';
import type { Turn } from '../turn/turn.ts';

/** Applies what the ends mean for the children. */
export async function applyVerdicts(turn: Turn, verdicts: readonly ChildVerdict[]): Promise<void> {
  const released: number[] = [];
  const waiting = new Map<number, number[]>();
  const ended = new Map<
    string,
    { readonly as: 'aborted' | 'skipped'; readonly because: string; readonly ids: number[] }
  >();
  for (const verdict of verdicts) {
    if (verdict.kind === 'released') released.push(verdict.childId);
    else if (verdict.kind === 'waits') addToGroup(waiting, verdict.pending, verdict.childId);
    else {
      const group = { as: verdict.kind, because: verdict.because, ids: [] };
      const key = `${verdict.kind} ${verdict.because}`;
      const found = ended.get(key) ?? group;
      ended.set(key, found);
      found.ids.push(verdict.childId);
    }
  }
  for (const [pending, ids] of waiting) await setPending(turn.tx, ids, pending);
  await releaseNow(turn, released);
  for (const { as, because, ids } of ended.values()) {
    for (const row of await endWaitingTasks(turn.tx, ids, as, because)) noteEnded(turn, row, because);
  }
}

/** Makes waiting tasks ready and files them in the queue; those whose `when` does not hold are skipped. */
export async function releaseNow(turn: Turn, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const released = (await releaseTasks(turn.tx, ids)).flatMap((row) => {
    const batch = turn.book.batches.get(row.batch_id);
    return batch ? [toKnown(batch, row)] : [];
  });
  const refused = await findRefused(turn, released);
  for (const known of released) {
    const because = refused.get(known.id);
    if (because !== undefined) {
      move(turn, known, { kind: 'skipped', because });
      continue;
    }
    file(turn.book, known);
    turn.tx.record({ type: 'task.released', subject: subject.task(known.batch.id, known.name), data: {} });
  }
}

function noteEnded(turn: Turn, row: TaskRecord, because: string): void {
  if (!isEndState(row.state)) return;
  const type = row.state === 'skipped' ? 'task.skipped' : 'task.aborted';
  turn.tx.record({ type, subject: subject.task(row.batch_id, row.name), data: { because } });
  turn.ended.push({ id: row.id, name: row.name, batchId: row.batch_id, template: row.template, as: row.state });
  turn.touched.add(row.batch_id);
}
