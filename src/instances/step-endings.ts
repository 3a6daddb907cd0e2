/** Steps that end a process: drain, SIGTERM, SIGKILL. Its exit is another event. Pure. */

import type { Failure, InstanceState, Machine, RunningProcess, Step } from './state.ts';
import { enter, wake } from './step-parts.ts';

/** SIGKILL can be slow to act on a process that waits in the kernel: it is sent again. */
const KILL_AGAIN_MS = 5_000;

/** No new requests come (the state says so); those that run may finish. */
export function drain(machine: Machine, process: RunningProcess): Step {
  const { drainMs } = machine.spec.stop;
  if (drainMs === 0) return terminate(machine, process);
  const entered = enter(machine, { kind: 'stopping', phase: 'draining', process, idleReadings: 0 }, [
    { kind: 'see-slots', process, afterMs: 0 },
  ]);
  return wake(entered, drainMs);
}

export function terminate(machine: Machine, process: RunningProcess): Step {
  const entered = enter(machine, { kind: 'stopping', phase: 'terminating', process }, [{ kind: 'terminate', process }]);
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

export interface Hang {
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
