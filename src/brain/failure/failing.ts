/**
 * What becomes of a task whose attempt has failed: the attempt is closed, the blame is put where it belongs, and the
 * decision of `failure.ts` is applied. Its end may be a question to a person, or the work of `incidents/`.
 */

import type { FailureClass } from '../../contract/index.ts';
import { BATCH_KILLED } from '../../store/index.ts';
import type { Known } from '../known.ts';
import { scriptDevices } from '../dispatch/script-devices.ts';
import { openEscalation } from '../escalations/escalate.ts';
import type { FailedAttempt } from './failed-attempt.ts';
import { decide } from './failure.ts';
import type { FailureDecision } from './failure.ts';
import { takeUp } from '../incidents/repair.ts';
import { isMisclassed } from '../incidents/rules.ts';
import { blamedDevices, noteFailure } from '../tasks/past.ts';
import type { Trace } from '../tasks/task-codec.ts';
import { holderOf } from '../tasks/task-state.ts';
import { claimOf, closeAttempt, move } from '../turn/turn.ts';
import type { Turn } from '../turn/turn.ts';

interface FailureContext {
  readonly trace?: Trace;
  readonly retryAfterMs?: number;
  /** The attempt was given up without a word from it. */
  readonly lost?: boolean;
  /** No further try can end otherwise. */
  readonly final?: boolean;
}

/** Its worker was told to stop, and so it says; the plan's author asks why. */
const SILENT = 'ended, since it made neither output nor progress for too long (stuck_after)';

const FINAL: FailureDecision = { kind: 'fail' };

/** Closes an attempt that failed and decides what becomes of its task. */
export async function fail(
  turn: Turn,
  known: Known,
  reported: FailedAttempt,
  context: FailureContext = {},
): Promise<void> {
  const end = blamed(known, reported);
  const claim = claimOf(known);
  const host = holderOf(known.task)?.agent ?? '';
  if (end.class === 'definition' && !known.batch.cancelling && !context.final) {
    if ((await takeUp(turn, known, end)) === 'parked') return;
  }
  const decision = context.final ? FINAL : judge(turn, known, end.class, context);
  const result = context.lost ? 'lost' : end.class === 'cancelled' ? 'cancelled' : 'failed';
  closeAttempt(turn, known, { ...end, result });
  if (known.batch.cancelling || end.class === 'cancelled') {
    const because = known.batch.cancelling ? BATCH_KILLED : end.reason;
    move(turn, known, { kind: 'cancelled', because }, context.trace);
    return;
  }
  noteFailure(known.past, end.class, host, end.device);
  const what = { claim, class: end.class, reason: end.reason };
  if (decision.kind === 'retry') {
    move(turn, known, { ...what, ...decision, kind: 'retried' }, context.trace);
    return;
  }
  const reason = decision.because === undefined ? end.reason : `${end.reason}; ${decision.because}`;
  move(turn, known, { ...what, reason, kind: 'failed' }, context.trace);
  await askAbout(turn, known, end);
}

function blamed(known: Known, reported: FailedAttempt): FailedAttempt {
  const failureClass = blameOf(known, reported);
  const ended = reported.class === 'cancelled' && failureClass === 'stuck';
  return { ...reported, class: failureClass, reason: ended ? SILENT : reported.reason };
}

/** A stop that nobody asked us for is its holder's own: the task is innocent. */
function blameOf(known: Known, { class: failureClass, exitCode, tail, reason }: FailedAttempt): FailureClass {
  const { node } = known;
  if (node.type === 'shell' && isMisclassed({ node, exitCode, said: tail ?? reason })) return 'definition';
  if (failureClass !== 'cancelled' || known.batch.cancelling) return failureClass;
  switch (known.told?.cause) {
    case 'person':
      return 'cancelled';
    case 'stuck':
      return 'stuck';
    case undefined:
      return 'infrastructure';
  }
}

function judge(turn: Turn, known: Known, failureClass: FailureClass, context: FailureContext): FailureDecision {
  // Who was told to stop finishes, and is not tried again.
  if (known.told?.cause === 'person') return FINAL;
  const { failures, freeAttempts, memoryBytes } = known.task;
  const { retryAfterMs } = context;
  return decide(
    failureClass,
    { failures, freeAttempts, timeouts: known.past.timeouts, memoryBytes },
    {
      retries: known.node.retries,
      largestBytes: largestBudget(turn),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
    turn.deps.random,
  );
}

/** The most that any device gives to one task; null while no host is there to say so. */
function largestBudget({ deps: { agents } }: Turn): number | null {
  const devices = scriptDevices(agents);
  return devices.length === 0 ? null : Math.max(...devices.map(({ taskBudgetBytes }) => taskBudgetBytes));
}

/** Devices on which a task must have failed for it to be asked about. */
const DEVICES_TRIED = 3;

async function askAbout(turn: Turn, known: Known, end: FailedAttempt): Promise<void> {
  const devices = blamedDevices(known.past);
  if (devices.length < DEVICES_TRIED) return;
  await openEscalation(turn.tx, {
    kind: 'failing_task',
    batchId: known.batch.id,
    task: known.name,
    question: `task ${known.name} failed on ${devices.length} devices: ${end.reason}`,
    choices: ['leave', 'retry'],
    detail: { devices, class: end.class, reason: end.reason, tail: end.tail },
  });
}
