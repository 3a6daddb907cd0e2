/** Steps that end a process: drain, SIGTERM, SIGKILL. Its exit is another event. Pure. */

import type { Failure, Goal, InstanceState, Machine, RunningProcess, Step } from './state.ts';
import { enter, wake } from './step-parts.ts';

/** SIGKILL can be slow to act on a process that waits in the kernel: it is sent again. */
const KILL_AGAIN_MS = 5_000;

type Ready = Extract<InstanceState, { kind: 'ready' }>;

/** No new requests come (the state says so); those that run may finish. */
export function drain(machine: Machine, { process, readyAt }: Ready, goal: Goal = 'settle'): Step {
  const { drainMs } = machine.spec.stop;
  if (drainMs === 0) return terminate(machine, process, goal);
  const state = { kind: 'stopping', phase: 'draining', process, readyAt, goal, idleReadings: 0 } as const;
  return wake(enter(machine, state, [{ kind: 'see-slots', process, afterMs: 0 }]), drainMs);
}

/** The engine's own stop command first, where it has one; SIGTERM otherwise. */
export function terminate(machine: Machine, process: RunningProcess, goal: Goal = 'settle'): Step {
  if (machine.spec.engine.stopCommand === undefined) return sendTerm(machine, process, goal);
  const entered = enter(machine, { kind: 'stopping', phase: 'asking', process, goal }, [
    { kind: 'ask-to-end', process },
  ]);
  return wake(entered, machine.spec.stop.graceMs);
}

export function sendTerm(machine: Machine, process: RunningProcess, goal: Goal): Step {
  const entered = enter(machine, { kind: 'stopping', phase: 'terminating', process, goal }, [
    { kind: 'terminate', process },
  ]);
  return wake(entered, machine.spec.stop.graceMs);
}

/** `state` is the killing phase to be in. */
export function kill(machine: Machine, process: RunningProcess, state: InstanceState): Step {
  return wake(enter(machine, state, [{ kind: 'kill', process }]), KILL_AGAIN_MS);
}

/** There is no process yet to end. */
export function killLaunch(machine: Machine, launch: number): Step {
  return enter(machine, { kind: 'stopping', phase: 'launching', launch });
}

interface Hang {
  readonly process: RunningProcess;
  readonly readyAt: number | null;
  readonly failure: Failure;
}

export function endHanging(machine: Machine, { process, readyAt, failure }: Hang): Step {
  const health = { value: 'unhealthy', detail: machine.health.detail } as const;
  const entered = enter(
    { ...machine, health },
    { kind: 'unhealthy', process, readyAt, failure, phase: 'terminating' },
    [{ kind: 'terminate', process }],
  );
  return wake(entered, machine.spec.stop.graceMs);
}
