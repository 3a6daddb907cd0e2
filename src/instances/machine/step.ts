/** What an instance does next: `(machine, event) → machine and effects`. Pure; `owner.ts` carries the effects out. */

import type { DesiredState, InstanceSpec } from '../../contract/index.ts';
import { assertNever } from '../../kernel/index.ts';
import { loadTimeoutFailure } from './failures.ts';
import { NO_HISTORY } from './restart-policy.ts';
import type { InstanceEvent, Machine, Step, StepContext } from './state.ts';
import { onDeclared, onOnline, onReadyAsked, onRestartAsked, onStopAsked, settle } from './step-desired.ts';
import { onCanaryReturned, onSleepAsked, onSlotsSeen, onUsed } from './step-activity.ts';
import { endHanging, kill, sendTerm, terminate } from './step-endings.ts';
import { onFirstAnswered, onProbed } from './step-health.ts';
import { start } from './step-outcomes.ts';
import { stay } from './step-parts.ts';
import { onExited, onFound, onLaunchFailed, onLaunched } from './step-process.ts';

/** A machine that nothing has happened to yet. */
export function createMachine(spec: InstanceSpec, desired: DesiredState): Machine {
  return {
    spec,
    desired,
    state: { kind: 'stopped' },
    generation: 0,
    launch: 0,
    history: NO_HISTORY,
    restarts: 0,
    portLosses: 0,
    health: { value: 'unknown', detail: null },
    lastExit: null,
    ended: [],
    waiters: [],
    forgotten: false,
  };
}

export function step(machine: Machine, event: InstanceEvent, ctx: StepContext): Step {
  const next = decide(machine, event, ctx);
  if (!looksDifferent(machine, next.machine)) return next;
  return { machine: next.machine, effects: [{ kind: 'report' }, ...next.effects] };
}

function decide(machine: Machine, event: InstanceEvent, ctx: StepContext): Step {
  switch (event.kind) {
    case 'declared':
      return onDeclared(machine, event);
    case 'forgotten':
      return settle({ ...machine, desired: 'stopped', forgotten: true }, false);
    case 'used':
      return onUsed(machine, ctx);
    case 'sleep-asked':
      return onSleepAsked(machine);
    case 'online':
      return onOnline(machine);
    case 'found':
      return onFound(machine, event.found, ctx);
    case 'ready-asked':
      return onReadyAsked(machine, event, ctx);
    case 'stop-asked':
      return onStopAsked(machine, event);
    case 'restart-asked':
      return onRestartAsked(machine, event);
    case 'waiter-left':
      return stay({ ...machine, waiters: machine.waiters.filter((waiter) => waiter.id !== event.waiter) });
    case 'launched':
      return onLaunched(machine, event, ctx);
    case 'launch-failed':
      return onLaunchFailed(machine, event, ctx);
    case 'exited':
      return onExited(machine, event, ctx);
    case 'probed':
      return onProbed(machine, event, ctx);
    case 'first-answered':
      return onFirstAnswered(machine, event, ctx);
    case 'slots-seen':
      return onSlotsSeen(machine, event, ctx);
    case 'canary-returned':
      return onCanaryReturned(machine, event, ctx);
    case 'asked-in-vain':
      return onAskedInVain(machine, event.launch);
    case 'timer':
      return event.generation === machine.generation ? onTimer(machine) : stay(machine);
    default:
      return assertNever(event);
  }
}

function looksDifferent(before: Machine, after: Machine): boolean {
  return (
    before.generation !== after.generation ||
    before.spec !== after.spec ||
    before.desired !== after.desired ||
    before.forgotten !== after.forgotten ||
    before.health.value !== after.health.value ||
    before.health.detail !== after.health.detail
  );
}

function onTimer(machine: Machine): Step {
  const { state } = machine;
  switch (state.kind) {
    case 'loading':
      return endHanging(machine, { process: state.process, readyAt: null, failure: loadTimeoutFailure(machine) });
    case 'backoff':
      return start({ ...machine, restarts: machine.restarts + 1 });
    case 'unhealthy':
      return kill(machine, state.process, { ...state, phase: 'killing' });
    case 'stopping':
      return onStoppingTimer(machine, state);
    case 'asleep':
    case 'stopped':
    case 'starting':
    case 'ready':
    case 'failed':
      return stay(machine);
    default:
      return assertNever(state);
  }
}

function onStoppingTimer(machine: Machine, state: Extract<Machine['state'], { kind: 'stopping' }>): Step {
  switch (state.phase) {
    case 'launching':
      return stay(machine);
    case 'draining':
      return terminate(machine, state.process, state.goal);
    case 'asking':
      return sendTerm(machine, state.process, state.goal);
    case 'terminating':
    case 'killing':
      return kill(machine, state.process, { ...state, phase: 'killing' });
    default:
      return assertNever(state);
  }
}

function onAskedInVain(machine: Machine, launch: number): Step {
  const { state } = machine;
  const asking = state.kind === 'stopping' && state.phase === 'asking' && state.process.launch === launch;
  return asking ? sendTerm(machine, state.process, state.goal) : stay(machine);
}
