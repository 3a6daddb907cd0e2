/** Steps that a look at the slots causes: a hang, the canary, falling asleep, the end of a draining. Pure. */

import { isBusy, isCanaryDue, isIdleForLong, lookAfterCanary, lookAt, nextLookMs, stillForMs } from './activity.ts';
import type { Activity, SlotsAnswer } from './activity.ts';
import { canaryFailure, stallFailure } from './failures.ts';
import type { Failure, InstanceEvent, Machine, Step, StepContext } from './state.ts';
import { drain, endHanging, terminate } from './step-endings.ts';
import { stay } from './step-parts.ts';

type EventOf<K extends InstanceEvent['kind']> = Extract<InstanceEvent, { kind: K }>;
type Ready = Extract<Machine['state'], { kind: 'ready' }>;
type Draining = Extract<Machine['state'], { phase: 'draining' }>;

export function onUsed(machine: Machine, ctx: StepContext): Step {
  const { state } = machine;
  if (state.kind !== 'ready') return stay(machine);
  return stay({ ...machine, state: { ...state, activity: { ...state.activity, usedAt: ctx.now } } });
}

/** What runs is finished first; a pinned one stays. */
export function onSleepAsked(machine: Machine): Step {
  const { state, spec } = machine;
  return state.kind === 'ready' && !spec.pinned ? drain(machine, state, 'sleep') : stay(machine);
}

export function onSlotsSeen(machine: Machine, { launch, answer }: EventOf<'slots-seen'>, ctx: StepContext): Step {
  const { state } = machine;
  if (state.kind === 'ready' && state.process.launch === launch) return whileReady(machine, state, answer, ctx);
  const draining = state.kind === 'stopping' && state.phase === 'draining' && state.process.launch === launch;
  return draining ? whileDraining(machine, state, answer) : stay(machine);
}

function whileReady(
  before: Machine,
  { activity: known, ...ready }: Ready,
  answer: SlotsAnswer,
  ctx: StepContext,
): Step {
  const { spec } = before;
  const activity = lookAt(known, answer, ctx.now);
  const state: Ready = { ...ready, activity };
  const machine: Machine = { ...before, state };
  const stillMs = stillForMs(activity, spec, ctx.now);
  if (stillMs !== null) return hang(machine, state, stallFailure(spec.name, stillMs));
  const idle = !isBusy(answer) && answer.kind !== 'no-answer';
  if (idle && isIdleForLong(activity, spec, ctx.now)) return drain(machine, state, 'sleep');
  if (answer.kind === 'told' && idle && isCanaryDue(activity, spec, ctx.now)) {
    return stay(machine, [{ kind: 'send-canary', process: state.process }]);
  }
  return lookAgain(machine, state, answer, ctx);
}

/** A canary that starves beside the requests of others says nothing. */
export function onCanaryReturned(
  machine: Machine,
  { launch, answered, slots }: EventOf<'canary-returned'>,
  ctx: StepContext,
): Step {
  const { state, spec } = machine;
  if (state.kind !== 'ready' || state.process.launch !== launch) return stay(machine);
  if (!answered && !othersWork(slots)) return hang(machine, state, canaryFailure(spec));
  const activity = lookAfterCanary(state.activity, slots, ctx.now);
  return lookAgain({ ...machine, state: { ...state, activity } }, { ...state, activity }, slots, ctx);
}

function othersWork(slots: SlotsAnswer): boolean {
  if (slots.kind !== 'told') return false;
  return slots.reading.busy > 1 || slots.reading.slots.some((slot) => slot.busy && (slot.tokensDecoded ?? 0) > 1);
}

function lookAgain(machine: Machine, { process, activity }: Ready, answer: SlotsAnswer, ctx: StepContext): Step {
  const afterMs = nextLook(activity, machine, answer, ctx);
  return stay(machine, afterMs === null ? [] : [{ kind: 'see-slots', process, afterMs }]);
}

function nextLook(activity: Activity, { spec }: Machine, answer: SlotsAnswer, { now, random }: StepContext) {
  return nextLookMs(activity, spec, { tells: answer.kind !== 'not-told', now, random });
}

function hang(machine: Machine, { process, readyAt }: Ready, failure: Failure): Step {
  const health = { value: 'unhealthy', detail: failure.message } as const;
  return endHanging({ ...machine, health }, { process, readyAt, failure });
}

const IDLE_READINGS_TO_STOP = 2;
const SLOTS_BEAT_MS = 100;

/** A slot may be taken between the last look of the gateway and ours: two idle readings in a row end the draining. */
function whileDraining(machine: Machine, state: Draining, answer: SlotsAnswer): Step {
  const idleReadings = answer.kind === 'told' && !isBusy(answer) ? state.idleReadings + 1 : 0;
  if (answer.kind === 'not-told' || idleReadings >= IDLE_READINGS_TO_STOP) {
    return terminate(machine, state.process, state.goal);
  }
  return stay({ ...machine, state: { ...state, idleReadings } }, [
    { kind: 'see-slots', process: state.process, afterMs: SLOTS_BEAT_MS },
  ]);
}
