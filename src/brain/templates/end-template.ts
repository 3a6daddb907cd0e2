/** The end of an expanded template: with its last item, and well when all items, or enough of them, got done. */

import { countEndedItems, setNextIndex } from '../../store/index.ts';
import type { TaskRecord } from '../../store/index.ts';
import type { ActiveBatch } from '../active-batch.ts';
import { toKnown } from '../known.ts';
import { judgeBarrier, toleratedOf } from '../release/release.ts';
import type { BarrierVerdict } from '../release/release.ts';
import { claimOf } from '../turn/turn.ts';
import { move } from '../turn/turn.ts';
import type { Turn } from '../turn/turn.ts';

/** Ends the template if its last item has ended. */
export function endAtBarrier(turn: Turn, batch: ActiveBatch, row: TaskRecord): void {
  const itemsTotal = row.items_total ?? 0;
  const { goal } = batch;
  const tolerance = goal?.sources.has(row.name) ? itemsTotal : toleratedOf(batch.nodes.get(row.name), itemsTotal);
  const counts = { itemsTotal, remaining: row.remaining ?? 0, itemsFailed: row.items_failed, tolerated: tolerance };
  endTemplate(turn, batch, row, judgeBarrier(counts));
}

export function endTemplate(turn: Turn, batch: ActiveBatch, row: TaskRecord, verdict: BarrierVerdict): void {
  if (verdict.kind === 'open') return;
  const known = toKnown(batch, row);
  const claim = claimOf(known);
  if (verdict.kind === 'failed') {
    move(turn, known, { kind: 'failed', claim, class: 'output', reason: verdict.reason });
    return;
  }
  const durationMs = turn.tx.now - (row.started_at ?? turn.tx.now);
  move(turn, known, {
    kind: 'succeeded',
    claim,
    durationMs,
    ...(verdict.note === null ? {} : { note: verdict.note }),
  });
}

/** Counts `items` of the list, from the first without a row on, as never to be made; answers the template as it is then. */
export async function leaveOut(turn: Turn, row: TaskRecord, items: number): Promise<TaskRecord | null> {
  await setNextIndex(turn.tx, row.id, (row.next_index ?? 0) + items);
  return countEndedItems(turn.tx, row.batch_id, row.name, { items, failed: 0, skipped: items });
}
