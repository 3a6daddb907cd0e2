/** Steps that a process causes: found, launched, not launched, ended. Pure. */

import type { ExitInfo } from '../../contract/index.ts';
import { assertNever } from '../../kernel/index.ts';
import { exitFailure, portLostFailure } from './failures.ts';
import type { Failure, Found, InstanceEvent, Machine, Step, StepContext } from './state.ts';
import { settle } from './step-desired.ts';
import { terminate } from './step-endings.ts';
import { enterLoading, enterReady } from './step-health.ts';
import { backOff, crash, fail, fallAsleep, start, startAnew, stopHere } from './step-outcomes.ts';
import { answerWaiters, launchOf, stay } from './step-parts.ts';

type EventOf<K extends InstanceEvent['kind']> = Extract<InstanceEvent, { kind: K }>;

export function onFound(machine: Machine, found: Found, ctx: StepContext): Step {
  switch (found.kind) {
    case 'running': {
      const known = { ...machine, launch: Math.max(machine.launch, found.process.launch) };
      const { process, readyAt } = found;
      const adopted =
        readyAt === null ? enterLoading(known, process, ctx) : enterReady(known, { process, readyAt }, ctx);
      const settled = settle(adopted.machine, false);
      return { machine: settled.machine, effects: [...adopted.effects, ...settled.effects] };
    }
    case 'ended': {
      const { exit, readyAt } = found;
      const { launch, pid } = found;
      const end = { launch, pid, exit, asked: machine.desired === 'stopped' };
      const known = noteEnd({ ...machine, launch: Math.max(machine.launch, launch) }, end);
      if (machine.desired === 'stopped') return stopHere(known);
      const failure = exitFailure(machine.spec.name, exit, readyAt !== null);
      return crash(known, { failure, readyForMs: readyAt === null ? 0 : exit.at - readyAt }, ctx);
    }
    case 'nothing':
      return resume(machine, ctx);
    case 'rebooted':
      return machine.desired === 'stopped' ? stopHere(machine) : stay(machine);
    default:
      return assertNever(found);
  }
}

/** A life of the agent begins, and no process is there. */
function resume(machine: Machine, ctx: StepContext): Step {
  const { state } = machine;
  if (machine.desired === 'stopped') return stopHere(machine);
  if (state.kind === 'failed' || state.kind === 'asleep') return stay(machine);
  if (state.kind !== 'backoff') return start(machine);
  const leftMs = Math.min(state.delayMs, Math.max(0, state.dueAt - ctx.now));
  return backOff(machine, { delayMs: leftMs, failure: state.failure }, ctx);
}

export function onLaunched(machine: Machine, { process }: EventOf<'launched'>, ctx: StepContext): Step {
  const { state } = machine;
  if (state.kind === 'starting' && state.launch === process.launch) return enterLoading(machine, process, ctx);
  if (state.kind === 'stopping' && state.phase === 'launching' && state.launch === process.launch) {
    return terminate(machine, process);
  }
  return stay(machine, [{ kind: 'kill', process }]);
}

export function onLaunchFailed(
  machine: Machine,
  { launch, failure }: EventOf<'launch-failed'>,
  ctx: StepContext,
): Step {
  const { state } = machine;
  if (launchOf(state) !== launch) return stay(machine);
  if (state.kind === 'stopping' && state.phase === 'launching') return onGone(machine, false);
  if (state.kind !== 'starting') return stay(machine);
  if (failure.permanent) return fail(machine, failure);
  if (failure.code === 'MEMORY_INSUFFICIENT' && isForRequestsOnly(machine)) return sleepOn(machine, failure);
  return crash(machine, { failure, readyForMs: 0 }, ctx);
}

/** Nobody but requests waits for it: it was woken by them. */
function isForRequestsOnly({ waiters }: Machine): boolean {
  return waiters.length > 0 && waiters.every((waiter) => waiter.awaits === 'ready' && waiter.by === 'request');
}

/** There is no room for it now: the requests are told, and the next one asks again. */
function sleepOn(machine: Machine, failure: Failure): Step {
  return answerWaiters(fallAsleep(machine), (waiter) => waiter.awaits === 'ready', { kind: 'failure', failure });
}

export function onExited(before: Machine, { launch, exit, portLost }: EventOf<'exited'>, ctx: StepContext): Step {
  if (launchOf(before.state) !== launch) return stay(before);
  const { state, spec } = before;
  const machine = noteExit(before, exit);
  switch (state.kind) {
    case 'stopping':
      return onGone(machine, state.phase !== 'launching' && state.goal === 'sleep');
    case 'loading':
      if (portLost) return onPortLost(machine, state.process.port ?? 0, ctx);
      return crash(machine, { failure: exitFailure(spec.name, exit, false), readyForMs: 0 }, ctx);
    case 'ready':
      return crash(machine, { failure: exitFailure(spec.name, exit, true), readyForMs: ctx.now - state.readyAt }, ctx);
    case 'unhealthy': {
      const readyForMs = state.readyAt === null ? 0 : ctx.now - state.readyAt;
      return crash(machine, { failure: state.failure, readyForMs }, ctx);
    }
    default:
      return stay(before);
  }
}

/** Far more than the usual restart budget lets happen while no controller listens. */
const ENDS_KEPT = 32;

interface End {
  readonly launch: number;
  readonly pid: number | null;
  readonly exit: ExitInfo;
  readonly asked: boolean;
}

/** What runs elsewhere does not end with us. */
function noteExit(machine: Machine, exit: ExitInfo): Machine {
  const { state } = machine;
  if (!('process' in state) || state.process.identity === null) return machine;
  const { launch, identity } = state.process;
  return noteEnd(machine, { launch, pid: identity.pid, exit, asked: state.kind === 'stopping' });
}

function noteEnd(machine: Machine, { launch, pid, exit, asked }: End): Machine {
  const { code, signal, at } = exit;
  const ended = [...machine.ended, { launch, pid, code, signal, at, asked }].slice(-ENDS_KEPT);
  return { ...machine, lastExit: exit, ended };
}

const MAX_PORT_LOSSES = 3;

/** Another program was quicker. With a port of our choice we choose again at once; a configured one is told. */
function onPortLost(machine: Machine, port: number, ctx: StepContext): Step {
  const portLosses = machine.portLosses + 1;
  const failure = portLostFailure(machine.spec.name, port);
  const lost = { ...machine, portLosses };
  if (machine.spec.server.port !== null || portLosses > MAX_PORT_LOSSES) {
    return crash(lost, { failure, readyForMs: 0 }, ctx);
  }
  return start(lost);
}

/** The process that was being stopped is no more. */
function onGone(before: Machine, wouldSleep: boolean): Step {
  if (before.desired === 'stopped') return stopHere(before);
  const told = answerWaiters(stay(before), (waiter) => waiter.awaits === 'stopped', { kind: 'stopped' });
  const next = wouldSleep && told.machine.waiters.length === 0 ? fallAsleep(told.machine) : startAnew(told.machine);
  return { machine: next.machine, effects: [...told.effects, ...next.effects] };
}
