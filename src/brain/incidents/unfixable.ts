/** An incident that ends without a patch: what waits for it fails, and whoever should know is asked. */

import { changeIncident } from '../../store/index.ts';
import type { IncidentRecord } from '../../store/index.ts';
import type { ActiveBatch } from '../active-batch.ts';
import { openEscalation, withdrawEscalation } from '../escalations/escalate.ts';
import { abandon } from '../failure/parking.ts';
import type { Turn } from '../turn/turn.ts';
import { releaseStep } from './holds.ts';
import { tell } from './incident-facts.ts';

/** Nothing helps: what waits fails, and a person is told. */
export async function giveUp(turn: Turn, batch: ActiveBatch, incident: IncidentRecord, reason: string): Promise<void> {
  await closeUnfixable(turn, batch, incident, reason);
  await openEscalation(turn.tx, {
    kind: 'definition',
    about: incident.fingerprint,
    batchId: batch.id,
    task: incident.step,
    question: `step ${incident.step} cannot run as it is written: ${incident.sample.split('\n')[0] ?? reason}`,
    choices: ['leave', 'retry'],
    detail: { incident: incident.id, reason, failure: incident.sample },
  });
}

/** What waits fails, with the failure that it waits for and why that was not mended. */
export async function closeUnfixable(
  turn: Turn,
  batch: ActiveBatch,
  incident: IncidentRecord,
  reason: string,
): Promise<void> {
  await changeIncident(turn.tx, incident.id, { state: 'unfixable', closed_at: turn.tx.now });
  releaseStep(turn.book, batch, incident.step, null);
  const [failure = ''] = incident.sample.split('\n');
  const why = {
    class: 'definition',
    reason: failure === reason ? reason : `${failure}; not repaired: ${reason}`,
  } as const;
  const failed = await abandon(turn, `incident:${incident.id}`, why);
  tell(turn, incident, 'incident.unfixable', { incident: incident.id, reason, failed });
}

/** A batch has been cancelled: what was asked about it is asked no more. */
export async function dropIncident(turn: Turn, batch: ActiveBatch, incident: IncidentRecord): Promise<void> {
  await changeIncident(turn.tx, incident.id, { state: 'unfixable', closed_at: turn.tx.now });
  await withdrawEscalation(turn.tx, repairTopic(incident));
  releaseStep(turn.book, batch, incident.step, null);
}

/** The escalation about a patch that waits for a yes. */
export function repairTopic(incident: IncidentRecord) {
  return { kind: 'repair', about: String(incident.id), batchId: incident.batch_id, task: incident.step } as const;
}
