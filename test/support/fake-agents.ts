/**
 * Agents in memory that keep to the link's rules: they queue and run grants, spool outcomes until they are
 * acknowledged, can lose their link, die, and come back with what they still hold. No process is started.
 */

import type { AgentPort, Brain, HelloAnswer } from '../../src/brain/index.ts';
import { attemptKey } from '../../src/contract/index.ts';
import type { AttemptRef, DeviceReport, Grant, LiveAttempt, Outcome, WorkerReport } from '../../src/contract/index.ts';

/** What a fake agent does with a grant: end it at once in some way, keep it running, or keep it without a start. */
export type Script = (grant: Grant) => Partial<Outcome> | 'hold' | 'queue';

export const SUCCEED: Script = () => ({});
export const HOLD: Script = () => 'hold';
export const QUEUE: Script = () => 'queue';

export function cpuDevice(cores: number, changes: Partial<DeviceReport> = {}): DeviceReport {
  return {
    id: 'cpu',
    kind: 'cpu',
    name: 'test cpu',
    uuid: null,
    backendNames: [],
    aliases: [],
    roles: ['tasks', 'instances', 'brain'],
    condition: 'normal',
    why: null,
    totalBytes: 8 * 2 ** 30,
    reservedBytes: 0,
    observedBytes: null,
    taskReservedBytes: 0,
    taskBudgetBytes: 6 * 2 ** 30,
    taskFreeBytes: 6 * 2 ** 30,
    temperatureC: null,
    powerW: null,
    powerLimitW: null,
    utilisationPercent: null,
    coreClockMhz: null,
    memoryClockMhz: null,
    throttleReasons: [],
    pcieGeneration: null,
    pcieWidth: null,
    loadRate: null,
    loadGroup: 'shared',
    taskSlots: { busy: 0, total: cores },
    ...changes,
  };
}

export class FakeAgent {
  readonly host: string;
  epoch = 1;
  connected = false;
  silent = false;
  devices: readonly DeviceReport[];
  script: Script = SUCCEED;
  /** What its latest heartbeat told. */
  workers: readonly WorkerReport[] = [];
  /** Devices that the brain had held, with the reason. */
  readonly quarantined = new Map<string, string>();
  /** Every attempt that was ever run here, in order. */
  readonly ran: Grant[] = [];
  readonly signalled: AttemptRef[] = [];
  /** The words of those signals. */
  readonly signals: ('abort' | 'kill')[] = [];
  /** Do its workers end when they are told? */
  heeds = true;
  readonly claimed: string[] = [];
  readonly #live = new Map<string, Grant>();
  readonly #spool = new Map<string, Outcome>();
  readonly #now: () => number;
  #brain: Brain | null = null;

  constructor(host: string, devices: readonly DeviceReport[], now: () => number) {
    this.host = host;
    this.devices = devices;
    this.#now = now;
  }

  /** Dials, says hello, and obeys the answer. */
  async connect(brain: Brain): Promise<HelloAnswer> {
    this.#brain = brain;
    this.connected = true;
    const answer = await brain.onHello(this.hello());
    for (const ref of answer.acknowledged) this.#spool.delete(attemptKey(ref));
    for (const ref of answer.revoke) this.#live.delete(attemptKey(ref));
    brain.onDevices(this.host);
    return answer;
  }

  hello() {
    const attempts = [...this.#live.values()].map((grant): LiveAttempt => ({
      attempt: grant.attempt,
      state: 'running',
      device: 'cpu',
      pid: 4242,
      startedAt: this.#now(),
    }));
    return { host: this.host, epoch: this.epoch, attempts, outcomes: [...this.#spool.values()] };
  }

  /** The link breaks; what runs goes on. */
  cut(): void {
    this.connected = false;
    this.#brain = null;
  }

  /** The agent is killed and started again: a new life, the same workers and spool. */
  reincarnate(): void {
    this.cut();
    this.epoch += 1;
  }

  /** The machine goes down: nothing of it is left. */
  crash(): void {
    this.reincarnate();
    this.#live.clear();
    this.#spool.clear();
  }

  live(): readonly Grant[] {
    return [...this.#live.values()];
  }

  take(grants: readonly Grant[]): void {
    for (const grant of grants) {
      this.ran.push(grant);
      this.#live.set(attemptKey(grant.attempt), grant);
    }
    const plans = grants.map((grant) => ({ grant, end: this.script(grant) }));
    const started = plans.filter(({ end }) => end !== 'queue').map(({ grant }) => grant);
    const ends = plans.flatMap(({ grant, end }) => (typeof end === 'string' ? [] : [this.#outcome(grant, end)]));
    setImmediate(() => this.#report(started, ends));
  }

  signal(ref: AttemptRef, signal: 'abort' | 'kill'): void {
    this.signalled.push(ref);
    this.signals.push(signal);
    const grant = this.heeds ? this.#live.get(attemptKey(ref)) : undefined;
    if (grant) setImmediate(() => this.#report([], [this.#outcome(grant, { result: 'cancelled', exitCode: null })]));
  }

  /** Ends what is held. */
  finish(grant: Grant, end: Partial<Outcome> = {}): void {
    this.#report([], [this.#outcome(grant, end)]);
  }

  /** A report as it would come from this agent, sent nowhere. */
  outcomeOf(grant: Grant, end: Partial<Outcome> = {}): Outcome {
    return this.#outcome(grant, end);
  }

  #outcome(grant: Grant, end: Partial<Outcome>): Outcome {
    return {
      attempt: grant.attempt,
      epoch: this.epoch,
      result: 'exited',
      exitCode: 0,
      signal: null,
      missing: [],
      device: 'cpu',
      startedAt: this.#now(),
      endedAt: this.#now(),
      peakMemoryBytes: null,
      tail: '',
      ...end,
    };
  }

  #report(started: readonly Grant[], ends: readonly Outcome[]): void {
    const brain = this.#brain;
    const current = ends.filter((end) => this.#live.has(attemptKey(end.attempt)));
    for (const end of current) {
      this.#spool.set(attemptKey(end.attempt), end);
      this.#live.delete(attemptKey(end.attempt));
    }
    if (!brain) return;
    for (const { attempt } of started) {
      brain.onStarted(this.host, { attempt, device: 'cpu', pid: 4242, startedAt: this.#now() });
    }
    if (current.length === 0) return;
    const acknowledge = (refs: readonly AttemptRef[]): void => {
      for (const ref of refs) this.#spool.delete(attemptKey(ref));
    };
    // A brain that stops meanwhile refuses: the spool keeps what it did not take.
    brain.onOutcomes(this.host, current).then(acknowledge, () => {});
  }
}

export class FakeAgents implements AgentPort {
  readonly #agents = new Map<string, FakeAgent>();

  add(agent: FakeAgent): FakeAgent {
    this.#agents.set(agent.host, agent);
    return agent;
  }

  connected(): readonly string[] {
    return [...this.#agents.values()].filter((agent) => agent.connected).map(({ host }) => host);
  }

  silent(): readonly string[] {
    return [...this.#agents.values()].filter((agent) => agent.silent).map(({ host }) => host);
  }

  devices(host: string): readonly DeviceReport[] {
    return this.#agents.get(host)?.devices ?? [];
  }

  grant(host: string, grants: readonly Grant[]): void {
    this.#agents.get(host)?.take(grants);
  }

  signal(host: string, attempt: AttemptRef, signal: 'abort' | 'kill'): void {
    this.#agents.get(host)?.signal(attempt, signal);
  }

  claim(host: string, devices: readonly string[]): void {
    this.#agents.get(host)?.claimed.splice(0, Infinity, ...devices);
  }

  workers(host: string): readonly WorkerReport[] {
    return this.#agents.get(host)?.workers ?? [];
  }

  async quarantine(host: string, device: string, reason: string): Promise<void> {
    this.#agents.get(host)?.quarantined.set(device, reason);
  }
}
