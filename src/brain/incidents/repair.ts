/**
 * Repairs definitions as data: failures of one step that say the same are one incident. While it is open the rest of the
 * step is parked; a patch (of a rule, or of the brain's model) is tried by one task, the canary; its success frees the
 * rest with the patch, its failure leads to the next patch, or to a person. In the turn, and pure of what is outside.
 */

import { subject } from '../../contract/index.ts';
import type { FactData, FactType } from '../../contract/index.ts';
import {
  acceptRevision,
  changeIncident,
  countProposals,
  decodeJson,
  encodeJson,
  findIncident,
  loadIncident,
  openIncident,
  tasksParkedFor,
} from '../../store/index.ts';
import type { IncidentRecord } from '../../store/index.ts';
import type { ActiveBatch } from '../active-batch.ts';
import type { Known } from '../book.ts';
import { openEscalation, withdrawEscalation } from '../escalations/escalate.ts';
import type { FailedAttempt } from '../failing.ts';
import { abandon, park, unpark, unparkOne } from '../parking.ts';
import type { Turn } from '../turn.ts';
import { fingerprintOf } from './fingerprint.ts';
import { repairQuestion } from './question.ts';
import { holdOf, holdStep, releaseStep, stepOf } from './holds.ts';
import { REPAIR_RULES } from './rules.ts';
import { patchNode } from './spec-patch.ts';
import type { SpecPatch } from './spec-patch.ts';

/** Patches of a model. */
const PROPOSALS = { perIncident: 2, perBatch: 5 } as const;

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
  const { batch } = known;
  const step = stepOf(known);
  const sample = `${end.reason}\n${end.tail ?? ''}`.trim();
  const incident = await openIncident(turn.tx, { batchId: batch.id, step, fingerprint, class: end.class, sample });
  turn.tx.record({
    type: 'incident.opened',
    subject: subject.task(batch.id, step),
    data: { incident: incident.id, class: end.class, reason: end.reason },
  });
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
  // It goes on from the step as it was, not from the patch that failed.
  known.node = known.batch.nodes.get(stepOf(known)) ?? known.node;
  return nextPatch(turn, known, incident, end);
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

/** Why no patch is asked for, or null when one is. */
async function whyNoModel(turn: Turn, known: Known, incident: IncidentRecord): Promise<string | null> {
  const { rules, brainModel } = turn.deps;
  if (rules().repair === 'off') return 'the setting repair is off';
  if (known.node.type !== 'shell' || known.kind !== 'task') return 'only commands are repaired';
  if (incident.proposals >= PROPOSALS.perIncident) return 'two patches did not help';
  if ((await countProposals(turn.tx.db, known.batch.id)) >= PROPOSALS.perBatch) return 'the batch has had five patches';
  return brainModel.unavailable();
}

/** Also after a restart: what an earlier life of ours asked is asked again. */
export function askModel(turn: Turn, batch: ActiveBatch, incident: IncidentRecord): void {
  const node = batch.nodes.get(incident.step);
  if (node?.type !== 'shell') return;
  turn.effects.push({ kind: 'propose', incident: incident.id, question: repairQuestion(node, incident) });
}

function parkFailed(turn: Turn, known: Known, incident: number, end: FailedAttempt): void {
  park(turn, known, `incident:${incident}`, `waits for a repair: ${end.reason}`, { ...end, result: 'failed' });
}

/** One parked task tries the patch. Answers why not, when the patch cannot be. */
async function startCanary(
  turn: Turn,
  batch: ActiveBatch,
  incident: IncidentRecord,
  patch: SpecPatch,
): Promise<string | null> {
  const cause = `incident:${incident.id}` as const;
  const node = batch.nodes.get(incident.step);
  const [row] = await tasksParkedFor(turn.tx.db, cause);
  if (node?.type !== 'shell' || !row) return 'nothing waits for it any more';
  const patched = patchNode(node, patch, batch.plan);
  if (patched.kind === 'refused') {
    await refusePatch(turn, batch, incident, patched.reason);
    return patched.reason;
  }
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
  return null;
}

/** A model has answered, or could not. */
export type Proposal =
  | { readonly kind: 'patch'; readonly author: string; readonly patch: SpecPatch; readonly why: string }
  | { readonly kind: 'refused'; readonly author: string; readonly reason: string }
  | { readonly kind: 'none'; readonly reason: string };

export async function onProposal(turn: Turn, id: number, proposal: Proposal): Promise<void> {
  const incident = await loadIncident(turn.tx.db, id);
  const batch = incident && turn.book.batches.get(incident.batch_id);
  if (incident?.state !== 'proposing' || !batch) return;
  if (proposal.kind === 'none') return giveUp(turn, batch, incident, proposal.reason);
  const counted = { ...incident, author: proposal.author, proposals: incident.proposals + 1 };
  await changeIncident(turn.tx, id, { author: counted.author, proposals: counted.proposals });
  if (proposal.kind === 'refused') return refusePatch(turn, batch, counted, proposal.reason);
  const node = batch.nodes.get(incident.step);
  const checked = node?.type === 'shell' ? patchNode(node, proposal.patch, batch.plan) : null;
  if (checked?.kind !== 'patched')
    return refusePatch(turn, batch, counted, checked?.reason ?? 'the step is no command');
  if (turn.deps.rules().repair === 'auto') return void (await startCanary(turn, batch, counted, proposal.patch));
  await changeIncident(turn.tx, id, { state: 'proposed', patch: encodeJson(proposal.patch) });
  tell(turn, incident, 'incident.patch_proposed', {
    incident: incident.id,
    author: proposal.author,
    patch: proposal.patch,
  });
  await openEscalation(turn.tx, {
    ...repairTopic(incident),
    question: `step ${incident.step} cannot run; the model proposes a patch: ${describe(proposal.patch)}`,
    choices: ['apply', 'fail'],
    detail: { incident: id, patch: proposal.patch, why: proposal.why, failure: incident.sample },
  });
}

function repairTopic(incident: IncidentRecord) {
  return { kind: 'repair', about: String(incident.id), batchId: incident.batch_id, task: incident.step } as const;
}

function describe(patch: SpecPatch): string {
  return Object.entries(patch)
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('; ');
}

async function refusePatch(turn: Turn, batch: ActiveBatch, incident: IncidentRecord, reason: string): Promise<void> {
  tell(turn, incident, 'incident.patch_refused', { incident: incident.id, author: incident.author ?? '', reason });
  const allowed =
    incident.proposals < PROPOSALS.perIncident &&
    (await countProposals(turn.tx.db, batch.id)) < PROPOSALS.perBatch &&
    turn.deps.brainModel.unavailable() === null;
  if (!allowed) return giveUp(turn, batch, incident, `the last patch was refused: ${reason}`);
  await changeIncident(turn.tx, incident.id, { state: 'proposing' });
  askModel(turn, batch, incident);
}

/** A person has answered what was proposed. */
export async function onRepairAnswer(turn: Turn, incidentId: number, answer: string): Promise<void> {
  const incident = await loadIncident(turn.tx.db, incidentId);
  const batch = incident && turn.book.batches.get(incident.batch_id);
  if (incident?.state !== 'proposed' || !batch || incident.patch === null) return;
  if (answer === 'apply') await startCanary(turn, batch, incident, decodeJson<SpecPatch>(incident.patch));
  else await close(turn, batch, incident, 'its patch was turned down by a person');
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

/** Nothing helps: what waits fails, and a person is told. */
async function giveUp(turn: Turn, batch: ActiveBatch, incident: IncidentRecord, reason: string): Promise<void> {
  await close(turn, batch, incident, reason);
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

async function close(turn: Turn, batch: ActiveBatch, incident: IncidentRecord, reason: string): Promise<void> {
  await changeIncident(turn.tx, incident.id, { state: 'unfixable', closed_at: turn.tx.now });
  releaseStep(turn.book, batch, incident.step, null);
  const failed = await abandon(turn, `incident:${incident.id}`, { class: 'definition', reason });
  tell(turn, incident, 'incident.unfixable', { incident: incident.id, reason, failed });
}

/** A batch has been cancelled: what was asked about it is asked no more. */
export async function dropIncident(turn: Turn, batch: ActiveBatch, incident: IncidentRecord): Promise<void> {
  await changeIncident(turn.tx, incident.id, { state: 'unfixable', closed_at: turn.tx.now });
  await withdrawEscalation(turn.tx, repairTopic(incident));
  releaseStep(turn.book, batch, incident.step, null);
}

type IncidentFact = Extract<FactType, `incident.${string}`>;

function tell<T extends IncidentFact>(
  turn: Turn,
  { batch_id: batchId, step }: IncidentRecord,
  type: T,
  data: FactData[T],
): void {
  turn.tx.record({ type, subject: subject.task(batchId, step), data });
}
