/** Steps that a wish causes: declared, forgotten, asked to be ready or stopped. Pure. */

import { assertNever } from '../../kernel/index.ts';
import { stoppedFailure, unknownInstanceFailure } from './failures.ts';
import type { Failure, InstanceEvent, Machine, Step, StepContext, Waiter } from './state.ts';
import { drain, killLaunch, terminate } from './step-endings.ts';
import { enterReady } from './step-health.ts';
import { startAnew, stopHere } from './step-outcomes.ts';
import { answer, answerWaiters, stay } from './step-parts.ts';

type EventOf<K extends InstanceEvent['kind']> = Extract<InstanceEvent, { kind: K }>;

export function onDeclared(machine: Machine, { spec, desired }: EventOf<'declared'>): Step {
  const changed = JSON.stringify(spec) !== JSON.stringify(machine.spec);
  const next = { ...machine, desired, forgotten: false, spec: changed ? spec : machine.spec };
  return settle(next, changed);
}

/** Moves towards the desired state; `changed` says that the spec is another one than before. */
export function settle(machine: Machine, changed: boolean): Step {
  return machine.desired === 'running' ? settleRunning(machine, changed) : settleStopped(machine);
}

function settleRunning(machine: Machine, changed: boolean): Step {
  const { state, spec } = machine;
  switch (state.kind) {
    case 'stopped':
      return startAnew(machine);
    case 'asleep':
      return stay(machine);
    case 'failed':
    case 'backoff':
      return changed ? startAnew(machine) : stay(machine);
    case 'starting':
      return state.fingerprint === spec.fingerprint ? stay(machine) : killLaunch(machine, state.launch);
    case 'loading':
    case 'unhealthy':
      return state.process.fingerprint === spec.fingerprint ? stay(machine) : terminate(machine, state.process);
    case 'ready':
      return state.process.fingerprint === spec.fingerprint ? stay(machine) : drain(machine, state);
    case 'stopping':
      return stay(machine);
    default:
      return assertNever(state);
  }
}

/** A remote engine that was given up for `offline` alone had nothing else against it. */
export function onOnline(machine: Machine): Step {
  const { state } = machine;
  return state.kind === 'failed' && state.failure.code === 'OFFLINE' ? startAnew(machine) : stay(machine);
}

function settleStopped(before: Machine): Step {
  const told = answerWaiters(stay(before), (waiter) => waiter.awaits === 'ready', {
    kind: 'failure',
    failure: stoppedFailure(before.spec.name),
  });
  const { machine, effects } = told;
  const next = leave(machine, stopHere);
  return { machine: next.machine, effects: [...effects, ...next.effects] };
}

/** Ends what runs, and waits for it to end; where nothing does, `rest` comes at once. */
function leave(machine: Machine, rest: (machine: Machine) => Step): Step {
  const { state } = machine;
  switch (state.kind) {
    case 'stopped':
    case 'asleep':
    case 'failed':
    case 'backoff':
      return rest(machine);
    case 'starting':
      return killLaunch(machine, state.launch);
    case 'loading':
    case 'unhealthy':
      return terminate(machine, state.process);
    case 'ready':
      return drain(machine, state);
    case 'stopping':
      return stay(machine);
    default:
      return assertNever(state);
  }
}

export function onReadyAsked(machine: Machine, { waiter, by }: EventOf<'ready-asked'>, ctx: StepContext): Step {
  const { state } = machine;
  const refusal = refusalOf(machine);
  if (refusal !== null) return refuseWaiter(machine, waiter, refusal);
  if (state.kind === 'ready') return stay(machine, [answer(waiter, { kind: 'ready' })]);
  if (state.kind === 'failed' && by === 'request') return refuseWaiter(machine, waiter, state.failure);
  const underWay = state.kind === 'starting' || state.kind === 'loading';
  const launch = underWay ? machine.launch : machine.launch + 1;
  const waiting: Machine = { ...machine, waiters: [...machine.waiters, { id: waiter, awaits: 'ready', by, launch }] };
  if (state.kind === 'stopping') return beforeSleep(waiting, state, ctx);
  const rests = state.kind === 'stopped' || state.kind === 'asleep';
  const startsNow = rests || (by === 'operator' && (state.kind === 'failed' || state.kind === 'backoff'));
  return startsNow ? startAnew(waiting) : stay(waiting);
}

type Stopping = Extract<Machine['state'], { kind: 'stopping' }>;
type Serving = Extract<Machine['state'], { kind: 'ready' }> | Extract<Stopping, { phase: 'draining' }>;

/** An engine on its way to sleep that has not been told to end yet goes on; any other starts again when it is gone. */
function beforeSleep(machine: Machine, state: Stopping, ctx: StepContext): Step {
  if (state.phase !== 'draining' || state.goal !== 'sleep') return stay({ ...machine, state: stayAwake(state) });
  return enterReady(machine, state, ctx);
}

function stayAwake(state: Stopping): Stopping {
  return state.phase === 'launching' ? state : { ...state, goal: 'settle' };
}

/** Why nobody may await this instance; null when one may. */
function refusalOf({ forgotten, desired, spec }: Machine): Failure | null {
  if (forgotten) return unknownInstanceFailure(spec.name);
  return desired === 'stopped' ? stoppedFailure(spec.name) : null;
}

function refuseWaiter(machine: Machine, waiter: number, failure: Failure): Step {
  return stay(machine, [answer(waiter, { kind: 'failure', failure })]);
}

export function onStopAsked(machine: Machine, { waiter, force }: EventOf<'stop-asked'>): Step {
  const waiters = [...machine.waiters, { id: waiter, awaits: 'stopped' } as const];
  const settled = settle({ ...machine, desired: 'stopped', waiters }, false);
  const { state } = settled.machine;
  if (!force || state.kind !== 'stopping' || state.phase !== 'draining') return settled;
  const forced = terminate(settled.machine, state.process);
  return { machine: forced.machine, effects: [...settled.effects, ...forced.effects] };
}

/** The launch that is under way, or the next one when there is none, is not what was asked for: one that begins after. */
export function onRestartAsked(machine: Machine, { waiter, force }: EventOf<'restart-asked'>): Step {
  const refusal = refusalOf(machine);
  if (refusal !== null) return refuseWaiter(machine, waiter, refusal);
  const restarted: Waiter = { id: waiter, awaits: 'ready', by: 'operator', launch: machine.launch + 1 };
  return leaveForRestart({ ...machine, waiters: [...machine.waiters, restarted] }, force);
}

function leaveForRestart(machine: Machine, force: boolean): Step {
  const { state } = machine;
  if (force && servesStill(state)) return terminate(machine, state.process);
  if (state.kind === 'stopping') return stay({ ...machine, state: stayAwake(state) });
  return leave(machine, startAnew);
}

/** Requests may be in flight, for which only force does not wait. */
function servesStill(state: Machine['state']): state is Serving {
  return state.kind === 'ready' || (state.kind === 'stopping' && state.phase === 'draining');
}
