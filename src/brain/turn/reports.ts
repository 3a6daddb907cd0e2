/** What agents, and our own model calls, say of attempts: applied when it is the current attempt that speaks, else fenced. */

import { attemptKey, subject } from '../../contract/index.ts';
import type { AttemptRef, FailureClass, Outcome } from '../../contract/index.ts';
import {
  attemptsOfTask,
  BATCH_KILLED,
  fenceAttempt,
  findTask,
  reholdAttempt,
  startAttempt,
} from '../../store/index.ts';
import { CONTROLLER, heldBy, heldKey } from '../book.ts';
import { laneOf } from '../known.ts';
import type { HostState } from '../book.ts';
import type { Known } from '../known.ts';
import { resumeJudgement, succeed } from '../evaluation/evaluation.ts';
import { askPermission } from '../escalations/permissions.ts';
import { fail } from '../failure/failing.ts';
import { classify } from '../failure/failure.ts';
import { learnPeak } from '../tasks/learn.ts';
import type { AgentHello, DeclinedReport, HelloAnswer, StartedReport } from '../ports.ts';
import { laneKey } from '../dispatch/ready-queue.ts';
import { holderOf } from '../tasks/task-state.ts';
import { claimOf, closeAttempt, expect, keyOf, move, refOf, UNMEASURED } from './turn.ts';
import type { Turn } from './turn.ts';

/** The task whose current attempt this is and which that host holds, or null. */
function findHeld(turn: Turn, host: string, ref: AttemptRef): Known | null {
  const known = turn.book.held.get(heldKey(ref.batchId, ref.task));
  return known && known.task.attempt === ref.no && holderOf(known.task)?.agent === host ? known : null;
}

export function applyStarted(turn: Turn, host: string, report: StartedReport): void {
  const known = findHeld(turn, host, report.attempt);
  if (known?.task.status.kind !== 'leased') return;
  const { device, pid } = report;
  if (turn.endings.has(keyOf(known))) {
    const data = { attempt: known.task.attempt, device, pid };
    turn.tx.record({ type: 'task.started', subject: subject.task(known.batch.id, known.name), data });
    return;
  }
  begin(turn, known, { device, pid, at: report.startedAt });
}

function begin(
  turn: Turn,
  known: Known,
  start: { readonly device: string; readonly pid: number | null; readonly at: number },
): void {
  expect(turn, startAttempt(turn.tx, known.id, known.task.attempt, start));
  move(turn, known, { kind: 'started', claim: claimOf(known), ...start });
}

/** A host declines only what none of its devices can ever take: it goes to another, or fails when there is none. */
export async function applyDeclined(turn: Turn, host: string, report: DeclinedReport): Promise<void> {
  const known = findHeld(turn, host, report.attempt);
  if (known?.task.status.kind !== 'leased') return;
  const { reason } = report;
  known.declinedBy.add(host);
  turn.book.hosts.get(host)?.closed.add(laneKey(laneOf(known)));
  if (hasTaker(turn, known)) return giveBack(turn, known, reason);
  const failureClass = known.task.memoryBytes > 0 ? 'memory' : 'definition';
  const end = { ...UNMEASURED, class: failureClass, reason, endedAt: turn.tx.now } as const;
  await fail(turn, known, end, { final: true });
}

/** True when a host that has not declined it has, as far as we know, a device with room for it. */
function hasTaker({ deps }: Turn, known: Known): boolean {
  const roomy = (host: string): boolean =>
    deps.agents.devices(host).some(({ taskBudgetBytes }) => taskBudgetBytes >= known.task.memoryBytes);
  return deps.agents.connected().some((host) => !known.declinedBy.has(host) && roomy(host));
}

/** Something at the host has changed: what it declined may be offered again. */
export function reopen(turn: Turn, host: string): void {
  turn.book.hosts.get(host)?.closed.clear();
}

/** Applies an outcome, or fences it. `helloEpoch` is the life in which the agent tells of ends that it missed. */
export async function applyOutcome(
  turn: Turn,
  host: string,
  outcome: Outcome,
  helloEpoch: number | null,
): Promise<void> {
  const known = findHeld(turn, host, outcome.attempt);
  const epoch = known && holderOf(known.task)?.epoch;
  if (!known || (outcome.epoch !== epoch && outcome.epoch !== helloEpoch)) return fence(turn, outcome);
  noteDuration(turn.book.hosts.get(host), outcome.endedAt - outcome.startedAt);
  await conclude(turn, known, outcome);
}

/** Weight of the newest run time. */
const SMOOTHING = 0.2;

function noteDuration(host: HostState | undefined, ms: number): void {
  if (host) host.typicalMs = host.typicalMs === null ? ms : host.typicalMs + SMOOTHING * (ms - host.typicalMs);
}

async function conclude(turn: Turn, known: Known, outcome: Outcome): Promise<void> {
  const trace = { device: outcome.device, startedAt: outcome.startedAt, exitCode: outcome.exitCode };
  const measured = {
    ...UNMEASURED,
    ...trace,
    endedAt: outcome.endedAt,
    signal: outcome.signal,
    tail: outcome.tail,
    peakMemoryBytes: outcome.peakMemoryBytes,
  };
  if (outcome.result === 'blocked' && outcome.asks !== undefined && !known.batch.cancelling) {
    return askPermission(turn, known, outcome, measured);
  }
  const verdict = classify(outcome, known.node.type === 'shell' ? known.node.failCodes : []);
  if (verdict.kind === 'succeeded' || verdict.class === 'memory') learnPeak(turn, known, outcome.peakMemoryBytes);
  if (verdict.kind === 'succeeded') {
    succeed(turn, known, { ...measured, result: 'succeeded' }, trace);
    return;
  }
  const failureClass = isOurFault(known, verdict.class) ? 'infrastructure' : verdict.class;
  const { retryAfterMs } = verdict;
  const context = { trace, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  await fail(turn, known, { ...measured, class: failureClass, reason: verdict.reason }, context);
}

/** The front door was away while its command asked a model. */
function isOurFault(known: Known, failureClass: FailureClass): boolean {
  return known.outlived && failureClass === 'backoff' && laneOf(known).kind === 'slot';
}

/** Takes an attempt back that did nothing wrong and perhaps nothing at all; the try is not counted. */
function giveBack(turn: Turn, known: Known, reason: string | null): void {
  const claim = claimOf(known);
  closeAttempt(turn, known, { ...UNMEASURED, result: 'returned', endedAt: turn.tx.now, reason });
  if (known.batch.cancelling) move(turn, known, { kind: 'cancelled', because: BATCH_KILLED });
  else move(turn, known, { kind: 'returned', claim, reason });
}

/** Records a report that comes too late or from another life. One that was counted before is only a repetition. */
async function fence(turn: Turn, outcome: Outcome): Promise<void> {
  const { batchId, task: name, no } = outcome.attempt;
  const task = await findTask(turn.tx.db, batchId, name);
  if (!task) return;
  const attempt = (await attemptsOfTask(turn.tx.db, task.id)).find((row) => row.no === no);
  const isOver = attempt?.result === null ? attempt.ended_at !== null : true;
  const counted = attempt && isOver && attempt.result !== 'lost' && attempt.result !== 'returned';
  if (!attempt || counted) return;
  await fenceAttempt(turn.tx, task.id, no);
  const reason = attempt.result === null ? 'reported by another life of its agent' : 'reported after it was given up';
  turn.tx.record({
    type: 'attempt.fenced',
    subject: subject.task(batchId, name),
    data: { attempt: no, epoch: outcome.epoch, reason },
  });
}

/** Settles an agent's account of itself: ends first, then what lives, then what it knows nothing of. */
export async function applyHello(turn: Turn, hello: AgentHello): Promise<HelloAnswer> {
  const { host, epoch } = hello;
  for (const outcome of hello.outcomes) await applyOutcome(turn, host, outcome, epoch);
  const revoke: AttemptRef[] = [];
  const alive = new Set<string>();
  for (const live of hello.attempts) {
    const known = findHeld(turn, host, live.attempt);
    if (!known || known.batch.cancelling) {
      revoke.push(live.attempt);
      continue;
    }
    alive.add(attemptKey(live.attempt));
    adopt(turn, known, epoch);
    if (live.state === 'running' && known.task.status.kind === 'leased') {
      begin(turn, known, { device: live.device ?? 'cpu', pid: live.pid, at: live.startedAt ?? turn.tx.now });
    }
  }
  await giveUp(
    turn,
    heldBy(turn.book, host).filter((known) => !alive.has(attemptKey(refOf(known)))),
    'its agent came back without it',
  );
  return { revoke, acknowledged: hello.outcomes.map((outcome) => outcome.attempt) };
}

/** The attempt goes on in the agent's new life, or under a controller that has just come back. */
function adopt(turn: Turn, known: Known, epoch: number): void {
  const claim = claimOf(known);
  if (claim.epoch === epoch && !known.inherited) return;
  if (claim.epoch !== epoch) expect(turn, reholdAttempt(turn.tx, known.id, claim.attempt, epoch));
  move(turn, known, { kind: 'adopted', claim, epoch });
  known.inherited = false;
}

/** Frees what a host held and cannot answer for; answers how many tasks that were. */
export async function loseHost(turn: Turn, host: string): Promise<number> {
  const held = heldBy(turn.book, host);
  await giveUp(turn, held, 'its agent was lost');
  return held.length;
}

/** What never started goes back as it was; what ran is tried again, free. */
async function giveUp(turn: Turn, held: readonly Known[], reason: string): Promise<void> {
  for (const known of held) {
    if (known.task.status.kind === 'leased') {
      giveBack(turn, known, null);
      continue;
    }
    const end = { ...UNMEASURED, class: 'infrastructure', reason, endedAt: turn.tx.now } as const;
    await fail(turn, known, end, { lost: true });
  }
}

/** What our own last life was doing itself goes back to the queue, uncounted; what it only judged is judged again. */
export async function reclaimOwn(turn: Turn): Promise<void> {
  for (const known of heldBy(turn.book, CONTROLLER)) {
    const isOurs = known.kind === 'task' || known.task.status.kind === 'leased';
    if (isOurs && !(await resumeJudgement(turn, known))) giveBack(turn, known, null);
  }
}
