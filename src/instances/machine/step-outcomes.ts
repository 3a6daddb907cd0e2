/** Steps between processes: start, back off after a crash, give up, stand still. Pure. */

import type { InstanceSpec, RestartPolicy } from '../../contract/index.ts';
import { giveUpFailure } from './failures.ts';
import { NO_HISTORY, decideRestart } from './restart-policy.ts';
import type { Failure, HealthObservation, Machine, Step, StepContext } from './state.ts';
import { answerWaiters, enter, wake } from './step-parts.ts';

const UNKNOWN: HealthObservation = { value: 'unknown', detail: null };

export function start(machine: Machine): Step {
  const launch = machine.launch + 1;
  const { fingerprint } = machine.spec;
  return enter({ ...machine, launch, health: UNKNOWN }, { kind: 'starting', launch, fingerprint }, [
    { kind: 'launch', launch },
  ]);
}

/** A start that somebody asked for, or a new spec: what happened before does not count any more. */
export function startAnew(machine: Machine): Step {
  return start({ ...machine, history: NO_HISTORY, restarts: 0, portLosses: 0 });
}

export function crash(
  machine: Machine,
  { failure, readyForMs }: { readonly failure: Failure; readonly readyForMs: number },
  ctx: StepContext,
): Step {
  const verdict = decideRestart(policyOf(machine.spec), machine.history, { at: ctx.now, readyForMs }, ctx.random);
  const crashed = { ...machine, history: verdict.history };
  if (verdict.kind === 'give-up') return fail(crashed, giveUpFailure(machine.spec, failure, verdict.reason));
  return backOff(crashed, { delayMs: verdict.delayMs, failure }, ctx);
}

/** A server that runs elsewhere is not started by us: asking for it again costs nothing, so nobody gives up. */
function policyOf({ engine, restart }: InstanceSpec): RestartPolicy {
  return engine.kind === 'remote' ? { ...restart, maxRetries: Infinity } : restart;
}

/** An operator learns of the first failed start; the restarts go on. */
export function backOff(
  machine: Machine,
  { delayMs, failure }: { readonly delayMs: number; readonly failure: Failure },
  ctx: StepContext,
): Step {
  const waiting = { ...machine, health: UNKNOWN };
  const entered = enter(waiting, { kind: 'backoff', dueAt: ctx.now + delayMs, delayMs, failure });
  return answerWaiters(
    wake(entered, delayMs),
    (waiter) => waiter.awaits === 'ready' && waiter.by === 'operator' && waiter.launch <= machine.launch,
    { kind: 'failure', failure },
  );
}

export function fail(machine: Machine, failure: Failure): Step {
  const entered = enter({ ...machine, health: UNKNOWN }, { kind: 'failed', failure }, [{ kind: 'release' }]);
  return answerWaiters(entered, (waiter) => waiter.awaits === 'ready', { kind: 'failure', failure });
}

/** No process is left, and none is wanted. */
export function stopHere(machine: Machine): Step {
  const stopped = machine.state.kind === 'stopped';
  const entered = stopped
    ? { machine, effects: [] }
    : enter({ ...machine, health: UNKNOWN }, { kind: 'stopped' }, [{ kind: 'release' }]);
  return answerWaiters(entered, (waiter) => waiter.awaits === 'stopped', { kind: 'stopped' });
}

/** Unloaded for want of requests; what happened before does not count any more. */
export function fallAsleep(machine: Machine): Step {
  return enter({ ...machine, health: UNKNOWN, history: NO_HISTORY }, { kind: 'asleep' }, [{ kind: 'release' }]);
}
