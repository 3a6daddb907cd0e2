/** What ends mean for incidents: of a canary, of a batch that was cancelled, of our own last life. */

import { listOpenIncidents } from '../../store/index.ts';
import type { ActiveBatch } from '../active-batch.ts';
import { withdrawAll } from '../escalations/escalate.ts';
import type { Ended, Turn } from '../turn/turn.ts';
import { askModel } from './ask-model.ts';
import { onCanaryEnded } from './canary.ts';
import { dropIncident } from './unfixable.ts';

export async function settleCanaries(turn: Turn, ended: readonly Ended[]): Promise<void> {
  if (turn.book.holds.size === 0) return;
  for (const { id, batchId, as } of ended) {
    const hold = [...turn.book.holds.values()].find(({ canary }) => canary === id);
    const batch = turn.book.batches.get(batchId);
    if (hold && batch) await onCanaryEnded(turn, batch, hold.incident, as === 'succeeded');
  }
}

/** Nobody needs an answer about a batch that was cancelled. */
export async function dropQuestions(turn: Turn, batch: ActiveBatch): Promise<void> {
  for (const incident of await listOpenIncidents(turn.tx.db, batch.id)) await dropIncident(turn, batch, incident);
  await withdrawAll(turn.tx, batch.id);
}

/** The model was asked by our last life, whose answer went nowhere. */
export async function askAgain(turn: Turn): Promise<void> {
  for (const incident of await listOpenIncidents(turn.tx.db)) {
    const batch = turn.book.batches.get(incident.batch_id);
    if (batch && incident.state === 'proposing') askModel(turn, batch, incident);
  }
}
