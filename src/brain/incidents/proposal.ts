/** What becomes of a patch that a model proposes: it is refused, tried, or waits for the yes of a person. */

import { changeIncident, decodeJson, encodeJson, loadIncident } from '../../store/index.ts';
import type { IncidentRecord } from '../../store/index.ts';
import { openEscalation } from '../escalations/escalate.ts';
import type { Turn } from '../turn/turn.ts';
import { refusePatch } from './ask-model.ts';
import { startCanary } from './canary.ts';
import { tell } from './incident-facts.ts';
import type { Proposal } from './question.ts';
import { patchNode } from './patch-node.ts';
import type { SpecPatch } from './spec-patch.ts';
import { closeUnfixable, giveUp, repairTopic } from './unfixable.ts';

/** A model has answered, or could not. */
export async function onProposal(turn: Turn, id: number, proposal: Proposal): Promise<void> {
  const incident = await loadIncident(turn.tx.db, id);
  const batch = incident && turn.book.batches.get(incident.batch_id);
  if (incident?.state !== 'proposing' || !batch) return;
  if (proposal.kind === 'none') return giveUp(turn, batch, incident, proposal.reason);
  const patch = proposal.kind === 'patch' ? encodeJson(proposal.patch) : null;
  const counted = { ...incident, patch, author: proposal.author, proposals: incident.proposals + 1 };
  await changeIncident(turn.tx, id, { author: counted.author, proposals: counted.proposals });
  if (proposal.kind === 'refused') return refusePatch(turn, batch, counted, proposal.reason);
  const node = batch.nodes.get(incident.step);
  const checked = node?.type === 'shell' ? patchNode(node, proposal.patch, batch.plan) : null;
  if (checked?.kind !== 'patched')
    return refusePatch(turn, batch, counted, checked?.reason ?? 'the step is no command');
  if (turn.deps.rules().repair === 'auto') return startCanary(turn, batch, counted, proposal.patch);
  await suggest(turn, counted, proposal);
}

/** It waits for a yes. */
async function suggest(
  turn: Turn,
  incident: IncidentRecord,
  proposal: Extract<Proposal, { kind: 'patch' }>,
): Promise<void> {
  await changeIncident(turn.tx, incident.id, { state: 'proposed', patch: encodeJson(proposal.patch) });
  tell(turn, incident, 'incident.patch_proposed', {
    incident: incident.id,
    author: proposal.author,
    patch: proposal.patch,
  });
  await openEscalation(turn.tx, {
    ...repairTopic(incident),
    question: `step ${incident.step} cannot run; the model proposes a patch: ${describe(proposal.patch)}`,
    choices: ['apply', 'fail'],
    detail: { incident: incident.id, patch: proposal.patch, why: proposal.why, failure: incident.sample },
  });
}

function describe(patch: SpecPatch): string {
  return Object.entries(patch)
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('; ');
}

/** A person has answered what was proposed. */
export async function onRepairAnswer(turn: Turn, incidentId: number, answer: string): Promise<void> {
  const incident = await loadIncident(turn.tx.db, incidentId);
  const batch = incident && turn.book.batches.get(incident.batch_id);
  if (incident?.state !== 'proposed' || !batch || incident.patch === null) return;
  if (answer === 'apply') await startCanary(turn, batch, incident, decodeJson<SpecPatch>(incident.patch));
  else await closeUnfixable(turn, batch, incident, 'its patch was turned down by a person');
}
