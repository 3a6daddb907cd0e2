/** Steps that a health probe and the first answer cause. Probes are for hangs: an exit is told by the process itself. Pure. */

import { assertNever } from '../../kernel/index.ts';
import { beginActivity, nextLookMs } from './activity.ts';
import { firstAnswerFailure, hangFailure } from './failures.ts';
import type { HealthObservation, InstanceEvent, Machine, RunningProcess, Step, StepContext } from './state.ts';
import { endHanging } from './step-endings.ts';
import { answerWaiters, enter, stay, wake } from './step-parts.ts';

type Probed = Extract<InstanceEvent, { kind: 'probed' }>;
type FirstAnswered = Extract<InstanceEvent, { kind: 'first-answered' }>;

export function enterLoading(machine: Machine, process: RunningProcess, ctx: StepContext): Step {
  const health: HealthObservation = { value: 'loading', detail: null };
  const entered = enter({ ...machine, health }, { kind: 'loading', process, awaits: 'health', failures: 0 }, [
    { kind: 'probe', process, afterMs: loadingProbeDelayMs(0) },
  ]);
  const spentMs = Math.max(0, ctx.now - process.startedAt);
  return wake(entered, Math.max(0, machine.spec.health.loadTimeoutMs - spentMs));
}

/** A process that was ready before goes on as such, and is probed at once. */
export function enterReady(
  machine: Machine,
  { process, readyAt }: { readonly process: RunningProcess; readonly readyAt: number },
  ctx: StepContext,
): Step {
  const health: HealthObservation = { value: 'unknown', detail: null };
  return beReady({ ...machine, health }, { process, readyAt, probeAfterMs: 0 }, ctx);
}

interface Readiness {
  readonly process: RunningProcess;
  readonly readyAt: number;
  readonly probeAfterMs: number;
}

function beReady(machine: Machine, { process, readyAt, probeAfterMs }: Readiness, ctx: StepContext): Step {
  const activity = beginActivity(ctx.now);
  const lookAfterMs = nextLookMs(activity, machine.spec, { tells: true, ...ctx }) ?? 0;
  const entered = enter(machine, { kind: 'ready', process, readyAt, failures: 0, activity }, [
    { kind: 'probe', process, afterMs: probeAfterMs },
    { kind: 'see-slots', process, afterMs: lookAfterMs },
  ]);
  return answerWaiters(entered, (waiter) => waiter.awaits === 'ready', { kind: 'ready' });
}

export function onProbed(machine: Machine, event: Probed, ctx: StepContext): Step {
  const { state } = machine;
  if (state.kind === 'loading' && state.process.launch === event.launch) return whileLoading(machine, event, ctx);
  if (state.kind === 'ready' && state.process.launch === event.launch) return whileReady(machine, event, ctx);
  return stay(machine);
}

function whileLoading(machine: Machine, event: Probed, ctx: StepContext): Step {
  const { state, spec } = machine;
  if (state.kind !== 'loading' || state.awaits !== 'health') return stay(machine);
  if (event.health === 'healthy') return askFirst(machine, { ...state.process, ...event.traits });
  const spentMs = ctx.now - state.process.startedAt;
  // 503 means "wait" until load_timeout, whatever else is wrong only until start_period.
  const counts = event.health !== 'loading' && spentMs >= spec.health.startPeriodMs;
  const failures = counts ? state.failures + 1 : 0;
  const health: HealthObservation = { value: counts ? event.health : 'loading', detail: event.detail };
  const next: Machine = { ...machine, health, state: { ...state, failures } };
  if (failures >= spec.health.retries) return hang(next, state.process, null, failures);
  const afterMs = counts ? probeDelayMs(machine, ctx) : loadingProbeDelayMs(spentMs);
  return stay(next, [{ kind: 'probe', process: state.process, afterMs }]);
}

function askFirst(machine: Machine, process: RunningProcess): Step {
  const health: HealthObservation = { value: 'loading', detail: 'first answer' };
  const next: Machine = { ...machine, health, state: { kind: 'loading', process, awaits: 'answer', failures: 0 } };
  return stay(next, [{ kind: 'ask-first', process, afterMs: 0 }]);
}

/** An open port and a good word are not enough: the first request tells whether it works. */
export function onFirstAnswered(machine: Machine, { launch, answer }: FirstAnswered, ctx: StepContext): Step {
  const { state, spec } = machine;
  if (state.kind !== 'loading' || state.awaits !== 'answer' || state.process.launch !== launch) return stay(machine);
  const { process } = state;
  switch (answer.kind) {
    case 'answered':
      return becomeReady(machine, process, ctx);
    case 'not-yet': {
      const afterMs = loadingProbeDelayMs(ctx.now - process.startedAt);
      const health: HealthObservation = { value: 'loading', detail: answer.detail };
      return stay({ ...machine, health }, [{ kind: 'ask-first', process, afterMs }]);
    }
    case 'failed':
    case 'silent': {
      const failure = firstAnswerFailure(spec, answer);
      const health: HealthObservation = { value: 'unhealthy', detail: failure.message };
      return endHanging({ ...machine, health }, { process, readyAt: null, failure });
    }
    default:
      return assertNever(answer);
  }
}

function becomeReady(machine: Machine, process: RunningProcess, ctx: StepContext): Step {
  const health: HealthObservation = { value: 'healthy', detail: null };
  const readiness = { process, readyAt: ctx.now, probeAfterMs: probeDelayMs(machine, ctx) };
  return beReady({ ...machine, health, portLosses: 0 }, readiness, ctx);
}

function whileReady(machine: Machine, event: Probed, ctx: StepContext): Step {
  const { state, spec } = machine;
  if (state.kind !== 'ready') return stay(machine);
  const failures = event.health === 'healthy' ? 0 : state.failures + 1;
  const health: HealthObservation = { value: event.health, detail: event.detail };
  const next: Machine = { ...machine, health, state: { ...state, failures } };
  if (failures >= spec.health.retries) return hang(next, state.process, state.readyAt, failures);
  return stay(next, [{ kind: 'probe', process: state.process, afterMs: probeDelayMs(machine, ctx) }]);
}

function hang(machine: Machine, process: RunningProcess, readyAt: number | null, failures: number): Step {
  const failure = hangFailure(machine.spec.name, failures, machine.health.detail);
  return endHanging(machine, { process, readyAt, failure });
}

/** Probes fall on a grid of so many lines an interval: those of a hundred instances share a few wake-ups of the agent. */
const LINES_AN_INTERVAL = 20;

/** Spread by a tenth, so that many instances do not probe in step. */
function probeDelayMs(machine: Machine, ctx: StepContext): number {
  const { intervalMs } = machine.spec.health;
  const grain = Math.max(1, Math.round(intervalMs / LINES_AN_INTERVAL));
  const dueAt = ctx.now + intervalMs * (0.9 + 0.2 * ctx.random);
  return Math.round(dueAt / grain) * grain - ctx.now;
}

/** Close together at first, so that a quick start is seen quickly; a twentieth of the waiting time later on. */
function loadingProbeDelayMs(spentMs: number): number {
  return Math.min(500, Math.max(25, Math.round(spentMs / 20)));
}
