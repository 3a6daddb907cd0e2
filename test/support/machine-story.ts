/** Stories about one instance machine: events as they happen to it, told one after the other. */

import type { ExitInfo } from '../../src/contract/index.ts';
import type { FirstAnswer, SlotReading } from '../../src/engines/index.ts';
import type { SlotsAnswer } from '../../src/instances/machine/activity.ts';
import { UNTOLD } from '../../src/instances/machine/state.ts';
import type {
  Effect,
  Failure,
  InstanceEvent,
  Machine,
  RunningProcess,
  Step,
  StepContext,
} from '../../src/instances/machine/state.ts';
import { createMachine, step } from '../../src/instances/machine/step.ts';
import { makeSpec } from './make-spec.ts';
import type { SpecChanges } from './make-spec.ts';

export const NOW = 1_000_000;

export function ctxAt(now: number): StepContext {
  return { now, random: 0.5 };
}

export function processOf(launch: number, fingerprint = 'test', startedAt = NOW): RunningProcess {
  return {
    launch,
    host: '127.0.0.1',
    port: 8001,
    url: 'http://127.0.0.1:8001',
    key: null,
    shares: [],
    command: [],
    fingerprint,
    startedAt,
    stderrOffset: 0,
    identity: { pid: 100 + launch, startTime: '1', bootId: 'b' },
    ...UNTOLD,
  };
}

export function exitAt(at: number, code: number | null = 1): ExitInfo {
  return { code, signal: null, at, tail: '' };
}

export interface Told extends Step {
  readonly all: readonly Effect[];
}

/** Tells the events one after the other, each a second after the one before; a first answer comes at once. */
export function tell(machine: Machine, events: readonly InstanceEvent[], start = NOW): Told {
  let told: Step = { machine, effects: [] };
  const all: Effect[] = [];
  let now = start - 1_000;
  for (const event of events) {
    if (event.kind !== 'first-answered') now += 1_000;
    told = step(told.machine, event, ctxAt(now));
    all.push(...told.effects);
  }
  return { ...told, all };
}

const spec = (changes: SpecChanges = {}) => makeSpec({ ...changes, restart: { jitter: 0, ...changes.restart } });
export const fresh = (changes: SpecChanges = {}): Machine => createMachine(spec(changes), 'stopped');
export const wanted = (changes: SpecChanges = {}): InstanceEvent => ({
  kind: 'declared',
  spec: spec(changes),
  desired: 'running',
});
export const unwanted = (changes: SpecChanges = {}): InstanceEvent => ({
  kind: 'declared',
  spec: spec(changes),
  desired: 'stopped',
});
export const launched = (launch: number): InstanceEvent => ({ kind: 'launched', process: processOf(launch) });
export const probed = (
  launch: number,
  health: 'healthy' | 'unhealthy' | 'loading',
  detail: string | null = null,
): InstanceEvent => ({ kind: 'probed', launch, health, detail, traits: UNTOLD });
export const healthy = (launch: number): InstanceEvent => probed(launch, 'healthy');
export const firstAnswered = (launch: number, answer: FirstAnswer = { kind: 'answered' }): InstanceEvent => ({
  kind: 'first-answered',
  launch,
  answer,
});
export const sick = (launch: number): InstanceEvent => probed(launch, 'unhealthy', 'timeout');
export const loading = (launch: number): InstanceEvent => probed(launch, 'loading');
export const exited = (launch: number, portLost = false): InstanceEvent => ({
  kind: 'exited',
  launch,
  exit: exitAt(NOW),
  portLost,
});
export const slotOf = (changes: Partial<SlotReading> = {}): SlotReading => ({
  id: 0,
  busy: false,
  contextSize: 4096,
  taskId: null,
  promptTokensDone: null,
  tokensDecoded: null,
  ...changes,
});
export const told = (slots: readonly SlotReading[]): SlotsAnswer => ({
  kind: 'told',
  reading: { total: slots.length, busy: slots.filter((slot) => slot.busy).length, slots },
});
export const slotsSeen = (slots: readonly SlotReading[], launch = 1): InstanceEvent => ({
  kind: 'slots-seen',
  launch,
  answer: told(slots),
});
export const broken = (permanent: boolean): Failure => ({
  code: 'ENGINE_NOT_FOUND',
  message: 'none',
  hint: null,
  permanent,
});
export const kinds = (effects: readonly Effect[]): readonly string[] => effects.map((effect) => effect.kind);
export const READY = [wanted(), launched(1), healthy(1), firstAnswered(1)];
