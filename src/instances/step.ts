/** What an instance does next: `(machine, event) → machine and effects`. Pure; `owner.ts` carries the effects out. */

import type { DesiredState, InstanceSpec } from '../contract/index.ts';
import { assertNever } from '../kernel/index.ts';
import { loadTimeoutFailure } from './failures.ts';
import { NO_HISTORY } from './restart-policy.ts';
import type { InstanceEvent, Machine, Step, StepContext } from './state.ts';
import { onDeclared, onReadyAsked, onRestartAsked, onStopAsked, settle } from './step-desired.ts';
import { endHanging, kill, terminate } from './step-endings.ts';
import { onProbed } from './step-health.ts';
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
      return stay(machine);
    case 'found':
      return onFound(machine, event.found, ctx);
    case 'ready-asked':
      return onReadyAsked(machine, event);
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
    case 'slots-seen':
      return onSlotsSeen(machine, event);
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

const IDLE_READINGS_TO_STOP = 2;
const SLOTS_BEAT_MS = 100;

/** A slot may be taken between the last look of the gateway and ours: two idle readings in a row end the draining. */
function onSlotsSeen(machine: Machine, { launch, busy }: Extract<InstanceEvent, { kind: 'slots-seen' }>): Step {
  const { state } = machine;
  if (state.kind !== 'stopping' || state.phase !== 'draining' || state.process.launch !== launch) return stay(machine);
  const idleReadings = busy === 0 ? state.idleReadings + 1 : 0;
  if (busy === null || idleReadings >= IDLE_READINGS_TO_STOP) return terminate(machine, state.process);
  return stay({ ...machine, state: { ...state, idleReadings } }, [
    { kind: 'see-slots', process: state.process, afterMs: SLOTS_BEAT_MS },
  ]);
}

function onTimer(machine: Machine): Step {
  const { state } = machine;
  switch (state.kind) {
    case 'loading':
      return endHanging(machine, { process: state.process, readyAt: null, failure: loadTimeoutFailure(machine.spec) });
    case 'backoff':
      return start({ ...machine, restarts: machine.restarts + 1 });
    case 'unhealthy':
      return kill(machine, state.process, { ...state, phase: 'killing' });
    case 'stopping':
      if (state.phase === 'launching') return stay(machine);
      if (state.phase === 'draining') return terminate(machine, state.process);
      return kill(machine, state.process, { kind: 'stopping', phase: 'killing', process: state.process });
    case 'stopped':
    case 'starting':
    case 'ready':
    case 'failed':
      return stay(machine);
    default:
      return assertNever(state);
  }
}
