/**
 * Repairs definitions as data: failures of one step that say the same are one incident. While it is open the rest of the
 * step is parked; a patch (of a rule, or of the brain's model) is tried by one task, the canary; its success frees the
 * rest with the patch, its failure leads to the next patch, or to a person. In the turn, and pure of what is outside.
 */

import { changeIncident, findIncident, loadIncident, openIncident } from '../../store/index.ts';
import type { IncidentRecord } from '../../store/index.ts';
import type { Known } from '../known.ts';
import type { FailedAttempt } from '../failure/failed-attempt.ts';
import { park, unpark } from '../failure/parking.ts';
import type { Turn } from '../turn/turn.ts';
import { askModel, whyNoModel } from './ask-model.ts';
import { startCanary } from './canary.ts';
import { fingerprintOf } from './fingerprint.ts';
import { holdOf, holdStep, stepOf } from './holds.ts';
import { tell } from './incident-facts.ts';
import { REPAIR_RULES } from './rules.ts';
import type { SpecPatch } from './spec-patch.ts';
import { giveUp } from './unfixable.ts';

/** Takes a definition that failed into an incident. `fails`: nothing can be done, the task fails as its class says. */
export async function takeUp(turn: Turn, known: Known, end: FailedAttempt): Promise<'parked' | 'fails'> {
  const fingerprint = fingerprintOf({ step: stepOf(known), itemKey: known.item?.key ?? null, ...end });
  const hold = holdOf(turn.book, known);
  const open = hold ? await loadIncident(turn.tx.db, hold.incident) : null;
  if (open && hold?.canary === known.id) return onCanaryFailed(turn, known, open, end);
  const same = await findIncident(turn.tx.db, known.batch.id, fingerprint);
  if (open) return join(turn, known, open, end);
  if (same === null) return begin(turn, known, fingerprint, end);
  await changeIncident(turn.tx, same.id, { failures: same.failures + 1 });
  if (same.state === 'unfixable') return 'fails';
  return onRepeated(turn, known, same, end);
}

async function join(turn: Turn, known: Known, incident: IncidentRecord, end: FailedAttempt): Promise<'parked'> {
  await changeIncident(turn.tx, incident.id, { failures: incident.failures + 1 });
  parkFailed(turn, known, incident.id, end);
  return 'parked';
}

async function begin(turn: Turn, known: Known, fingerprint: string, end: FailedAttempt): Promise<'parked' | 'fails'> {
  const sample = `${end.reason}\n${end.tail ?? ''}`.trim();
  const incident = await openIncident(turn.tx, {
    batchId: known.batch.id,
    step: stepOf(known),
    fingerprint,
    class: end.class,
    sample,
  });
  tell(turn, incident, 'incident.opened', { incident: incident.id, class: end.class, reason: end.reason });
  return nextPatch(turn, known, incident, end);
}

/** Its patch was accepted, and the failure is there again: this attempt ran without it, or it does not help. */
async function onRepeated(
  turn: Turn,
  known: Known,
  incident: IncidentRecord,
  end: FailedAttempt,
): Promise<'parked' | 'fails'> {
  if (known.node !== known.batch.nodes.get(stepOf(known))) {
    parkFailed(turn, known, incident.id, end);
    await unpark(turn, `incident:${incident.id}`, 'its step was repaired meanwhile');
    return 'parked';
  }
  await changeIncident(turn.tx, incident.id, { closed_at: null });
  return nextPatch(turn, known, incident, end);
}

async function onCanaryFailed(
  turn: Turn,
  known: Known,
  incident: IncidentRecord,
  end: FailedAttempt,
): Promise<'parked' | 'fails'> {
  tell(turn, incident, 'incident.patch_failed', {
    incident: incident.id,
    author: incident.author ?? '',
    reason: end.reason,
  });
  const objection = `${incident.patch} was tried and did not help: ${end.reason}`;
  await changeIncident(turn.tx, incident.id, { objection });
  // It goes on from the step as it was, not from the patch that failed.
  known.node = known.batch.nodes.get(stepOf(known)) ?? known.node;
  return nextPatch(turn, known, { ...incident, objection }, end);
}

/** The next rule that knows the case, else the model, else nothing more. */
async function nextPatch(
  turn: Turn,
  known: Known,
  incident: IncidentRecord,
  end: FailedAttempt,
): Promise<'parked' | 'fails'> {
  const byRule = patchByRule(known, incident, end);
  if (byRule) {
    holdStep(turn.book, known.batch, incident.step, { incident: incident.id, canary: known.id });
    parkFailed(turn, known, incident.id, end);
    await startCanary(turn, known.batch, { ...incident, author: byRule.author }, byRule.patch);
    return 'parked';
  }
  if ((await whyNoModel(turn, known, incident)) === null) {
    holdStep(turn.book, known.batch, incident.step, { incident: incident.id, canary: null });
    parkFailed(turn, known, incident.id, end);
    await changeIncident(turn.tx, incident.id, { state: 'proposing', canary_task: null });
    askModel(turn, known.batch, incident);
    return 'parked';
  }
  await giveUp(turn, known.batch, incident, end.reason);
  return 'fails';
}

/** Rules stand in one order: those up to the last one tried are not tried again. */
function patchByRule(
  { node, kind }: Known,
  { author }: IncidentRecord,
  end: FailedAttempt,
): { readonly author: string; readonly patch: SpecPatch } | null {
  if (node.type !== 'shell' || kind !== 'task' || (author !== null && !author.startsWith('rule:'))) return null;
  const last = REPAIR_RULES.findIndex(({ name }) => `rule:${name}` === author);
  const failure = {
    node,
    exitCode: end.exitCode,
    said: end.tail?.trim() === '' ? end.reason : (end.tail ?? end.reason),
  };
  for (const rule of REPAIR_RULES.slice(last + 1)) {
    const patch = rule.repair(failure);
    if (patch) return { author: `rule:${rule.name}`, patch };
  }
  return null;
}

function parkFailed(turn: Turn, known: Known, incident: number, end: FailedAttempt): void {
  park(turn, known, `incident:${incident}`, `waits for a repair: ${end.reason}`, { ...end, result: 'failed' });
}
