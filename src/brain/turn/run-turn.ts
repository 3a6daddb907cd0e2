/** One turn: how each message that was posted is applied, the one table from events to what changes, and what follows. */

import { attemptKey, subject } from '../../contract/index.ts';
import type { AttemptRef, Outcome } from '../../contract/index.ts';
import { assertNever } from '../../kernel/index.ts';
import { answerTask } from '../../store/index.ts';
import { admit } from '../submission/admission.ts';
import { CONTROLLER, file } from '../book.ts';
import type { Known } from '../known.ts';
import { applyChecked } from '../cache/apply-checked.ts';
import { applyKill } from '../release/cancel.ts';
import { openEscalation, withdrawEscalation } from '../escalations/escalate.ts';
import { applyAnswer } from '../escalations/answers.ts';
import { applyJudgement, succeed } from '../evaluation/evaluation.ts';
import { applyList } from '../templates/expansion.ts';
import { fail } from '../failure/failing.ts';
import { askAgain } from '../incidents/ends.ts';
import { onProposal } from '../incidents/proposal.ts';
import { handOut, onSlot } from '../dispatch/hand-out.ts';
import type { ReadList } from '../templates/read-list.ts';
import { applyDeclined, applyHello, applyOutcome, applyStarted, loseHost, reclaimOwn, reopen } from './reports.ts';
import { endBatches, settleEnds } from '../release/settle.ts';
import { applyDeviceSignal, applyTaskSignal } from '../signals/signals.ts';
import { restoreSlots } from './restore-slots.ts';
import { holderOf } from '../tasks/task-state.ts';
import { applyCourse } from '../course/apply-course.ts';
import type { CallEnd, Message, Reply } from './messages.ts';
import { confirmed, expect, move, UNMEASURED } from './turn.ts';
import type { Turn } from './turn.ts';
import { askAboutUnreadable } from './unreadable.ts';
import { watchWorkers } from '../signals/watch-workers.ts';

/** Applies what was posted, then follows it to its last consequence. */
export function runTurn(turn: Turn, messages: readonly Message[]): Promise<void> {
  return confirmed(turn, decide(turn, messages));
}

async function decide(turn: Turn, messages: readonly Message[]): Promise<void> {
  noteEndings(turn, messages);
  for (const message of messages) await apply(turn, message);
  wake(turn);
  do {
    await settleEnds(turn);
    await handOut(turn);
  } while (turn.ended.length > 0);
  await endBatches(turn);
}

/** A start whose end is in the same turn is told of, but not stored by itself. */
function noteEndings(turn: Turn, messages: readonly Message[]): void {
  for (const message of messages) {
    if (message.kind !== 'outcomes') continue;
    for (const { attempt } of message.outcomes) turn.endings.add(attemptKey(attempt));
  }
}

async function apply(turn: Turn, message: Message): Promise<void> {
  switch (message.kind) {
    case 'admit':
      return answer(turn, message.reply, await admit(turn, message.admission));
    case 'kill':
      return answer(turn, message.reply, await applyKill(turn, message.batchId));
    case 'hello':
      return onHello(turn, message);
    case 'started':
      return applyStarted(turn, message.host, message.report);
    case 'declined':
      return applyDeclined(turn, message.host, message.report);
    case 'outcomes':
      return onOutcomes(turn, message.host, message.outcomes, message.reply);
    case 'agent-lost':
      return answer(turn, message.reply, await onAgentLost(turn, message));
    case 'slot':
      return answer(turn, message.reply, await onSlot(turn, message.id, message.slot));
    case 'no-slot':
      return onNoSlot(turn, message.id);
    case 'called':
      return onCalled(turn, message.id, message.no, message.end);
    case 'judged':
      return onJudged(turn, message);
    case 'list':
      return onList(turn, message.id, message.no, message.list);
    case 'signal-task': {
      const { batchId, task, signal } = message;
      return answer(turn, message.reply, await applyTaskSignal(turn, batchId, task, signal));
    }
    case 'signal-device':
      return answer(turn, message.reply, applyDeviceSignal(turn, message.host, message.device, message.signal));
    case 'proposed':
      return onProposal(turn, message.incident, message.proposal);
    case 'answer':
      return answer(turn, message.reply, await applyAnswer(turn, message.id, message.given));
    case 'checked':
      return applyChecked(turn, message.verdicts);
    case 'course':
      return answer(turn, message.reply, await applyCourse(turn, message.order));
    case 'recover':
      return answer(turn, message.reply, await onRecover(turn));
    case 'devices':
      reopen(turn, message.host);
      return watchWorkers(turn, message.host);
    case 'look':
      return;
    default:
      return assertNever(message);
  }
}

function answer<T>(turn: Turn, reply: Reply<T>, value: T): void {
  turn.effects.push({ kind: 'answer', tell: () => reply.resolve(value) });
}

/** The question about agents; an agent that comes answers it. */
const NO_AGENTS = { kind: 'agents', batchId: null, task: null } as const;

async function onHello(turn: Turn, message: Extract<Message, { kind: 'hello' }>): Promise<void> {
  await withdrawEscalation(turn.tx, NO_AGENTS);
  answer(turn, message.reply, await applyHello(turn, message.hello));
  turn.effects.push({ kind: 'host-settled', host: message.host });
}

async function onOutcomes(
  turn: Turn,
  host: string,
  outcomes: readonly Outcome[],
  reply: Reply<AttemptRef[]>,
): Promise<void> {
  reopen(turn, host);
  for (const outcome of outcomes) await applyOutcome(turn, host, outcome, null);
  answer(
    turn,
    reply,
    outcomes.map(({ attempt }) => attempt),
  );
}

async function onAgentLost(
  turn: Turn,
  { host, state }: Pick<Extract<Message, { kind: 'agent-lost' }>, 'host' | 'state'>,
): Promise<void> {
  // It has said hello since, and with that what became of its attempts.
  if (turn.book.hosts.get(host) !== state) return;
  const epoch = state?.epoch ?? 0;
  const requeued = await loseHost(turn, host);
  if (turn.deps.agents.connected().length === 0 && turn.book.batches.size > 0) await askForAgents(turn);
  turn.tx.record({ type: 'agent.lost', subject: subject.agent(host), data: { epoch, requeued } });
}

/** Work waits and nobody is there to do it. */
async function askForAgents(turn: Turn): Promise<void> {
  await openEscalation(turn.tx, {
    ...NO_AGENTS,
    question: `no agent answers, and ${turn.book.batches.size} running batches wait`,
    choices: ['seen'],
    detail: { batches: [...turn.book.batches.keys()].slice(0, 20) },
  });
}

function onNoSlot(turn: Turn, id: number): void {
  const known = turn.book.known.get(id);
  turn.book.acquiring.delete(id);
  if (known?.task.status.kind === 'ready') file(turn.book, known);
}

/** The task whose current attempt is this one of ours, or null when it has been given up since. */
function findOwn(turn: Turn, id: number, no: number): Known | null {
  const known = turn.book.known.get(id);
  const ours = known && known.task.attempt === no && holderOf(known.task)?.agent === CONTROLLER;
  return ours ? known : null;
}

async function onCalled(turn: Turn, id: number, no: number, end: CallEnd): Promise<void> {
  const known = findOwn(turn, id, no);
  if (!known) return;
  if (end.kind === 'failed') {
    const { class: failureClass, reason, endedAt, retryAfterMs } = end;
    const context = retryAfterMs === undefined ? {} : { retryAfterMs };
    await fail(turn, known, { ...UNMEASURED, class: failureClass, reason, endedAt }, context);
    return;
  }
  const { device, startedAt, endedAt, tokensIn, tokensOut, answer: decided } = end;
  if (decided !== undefined) expect(turn, answerTask(turn.tx, id, decided));
  const measured = { ...UNMEASURED, device, startedAt, endedAt, tokensIn, tokensOut, result: 'succeeded' } as const;
  succeed(turn, known, measured, { device, startedAt, exitCode: null });
}

async function onJudged(turn: Turn, { id, no, work, judgement }: Extract<Message, { kind: 'judged' }>): Promise<void> {
  const known = findOwn(turn, id, no);
  if (known) await applyJudgement(turn, known, work, judgement);
}

async function onList(turn: Turn, id: number, no: number, list: ReadList): Promise<void> {
  const known = findOwn(turn, id, no);
  if (known) await applyList(turn, known, list);
}

async function onRecover(turn: Turn): Promise<void> {
  await reclaimOwn(turn);
  await restoreSlots(turn);
  await askAgain(turn);
  await askAboutUnreadable(turn);
  for (const id of turn.book.batches.keys()) turn.touched.add(id);
}

/** Backoffs that are over. An entry whose task has moved on since says nothing. */
function wake(turn: Turn): void {
  const { backoff, known } = turn.book;
  for (let next = backoff.peek(); next && next.at <= turn.tx.now; next = backoff.peek()) {
    backoff.remove(next);
    const sleeper = known.get(next.id);
    const due = sleeper?.task.status.kind === 'backoff' && sleeper.task.status.until <= turn.tx.now;
    if (due) move(turn, sleeper, { kind: 'woken' });
  }
}
