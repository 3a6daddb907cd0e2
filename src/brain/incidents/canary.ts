/** The one task that tries a patch, and what its end means for the step. */

import {
  acceptRevision,
  changeIncident,
  decodeJson,
  encodeJson,
  loadIncident,
  tasksParkedFor,
} from '../../store/index.ts';
import type { IncidentRecord } from '../../store/index.ts';
import type { ActiveBatch } from '../active-batch.ts';
import { unpark, unparkOne } from '../failure/parking.ts';
import type { Turn } from '../turn/turn.ts';
import { refusePatch } from './ask-model.ts';
import { holdStep, releaseStep } from './holds.ts';
import { tell } from './incident-facts.ts';
import { patchNode } from './patch-node.ts';
import type { SpecPatch } from './spec-patch.ts';
import { giveUp } from './unfixable.ts';

/** One parked task tries the patch. Refused when the patch cannot be. */
export async function startCanary(
  turn: Turn,
  batch: ActiveBatch,
  incident: IncidentRecord,
  patch: SpecPatch,
): Promise<void> {
  const cause = `incident:${incident.id}` as const;
  const node = batch.nodes.get(incident.step);
  const [row] = await tasksParkedFor(turn.tx.db, cause);
  if (node?.type !== 'shell' || !row) return; // nothing waits for it any more
  const patched = patchNode(node, patch, batch.plan);
  if (patched.kind === 'refused') return refusePatch(turn, batch, incident, patched.reason);
  holdStep(turn.book, batch, incident.step, { incident: incident.id, canary: row.id });
  await changeIncident(turn.tx, incident.id, {
    state: 'canary',
    patch: encodeJson(patch),
    author: incident.author,
    canary_task: row.id,
  });
  tell(turn, incident, 'incident.patch_tried', {
    incident: incident.id,
    author: incident.author ?? '',
    patch,
    task: row.name,
  });
  unparkOne(turn, row, { because: `tries a patch of ${incident.author ?? 'somebody'}`, node: patched.node });
}

/** The canary has ended: with success the patch holds for the step, else it was the wrong one. */
export async function onCanaryEnded(
  turn: Turn,
  batch: ActiveBatch,
  incidentId: number,
  succeeded: boolean,
): Promise<void> {
  const incident = await loadIncident(turn.tx.db, incidentId);
  if (incident?.state !== 'canary' || incident.patch === null) return;
  if (!succeeded) return giveUp(turn, batch, incident, 'the task that tried its patch did not succeed');
  const node = batch.nodes.get(incident.step);
  const patched = node?.type === 'shell' ? patchNode(node, decodeJson<SpecPatch>(incident.patch), batch.plan) : null;
  if (patched?.kind !== 'patched') throw new Error(`the patch of incident ${incidentId} was good once`);
  const { batch_id, step, patch, author } = incident;
  const revision = await acceptRevision(turn.tx, {
    batch_id,
    step,
    patch,
    author: author ?? '',
    incident_id: incidentId,
  });
  await changeIncident(turn.tx, incidentId, { state: 'resolved', closed_at: turn.tx.now });
  releaseStep(turn.book, batch, step, patched.node);
  const released = await unpark(turn, `incident:${incidentId}`, 'its step was repaired');
  tell(turn, incident, 'incident.resolved', { incident: incident.id, author: author ?? '', revision, released });
}
