/**
 * The owner of every attempt that this host was granted, from the grant to the spooled outcome: queues what no device
 * can take yet, starts, ends, adopts. It reports through a port and knows no link.
 */

import { attemptKey } from '../../contract/index.ts';
import type { AttemptRef, EndedCounts, Grant, LiveAttempt, Outcome, WorkerReport } from '../../contract/index.ts';
import type { DeviceReading } from '../../devices/index.ts';
import type { Clock, Log } from '../../kernel/index.ts';
import { taskOwner } from '../devices/device-agent.ts';
import type { DeviceAgent } from '../devices/device-agent.ts';
import { DeviceAgents } from '../devices/device-agents.ts';
import type { DeviceAgentsDeps } from '../devices/device-agents.ts';
import { EndTally } from './end-tally.ts';
import { GrantQueue, LANES } from './grant-queue.ts';
import type { MemoryReturn } from '../devices/memory-return.ts';
import type { Gauge } from '../worker/measure.ts';
import { concludeUnstarted } from '../worker/outcome.ts';
import { laneOf } from '../devices/placement.ts';
import type { Lane } from '../devices/placement.ts';
import type { Spool } from '../link/spool.ts';
import { adoptWorker, startWorker } from '../worker/worker.ts';
import type { Worker, WorkerDeps } from '../worker/worker.ts';
import { orderFrom, recordId } from '../worker/work-order.ts';
import type { EndCause } from '../worker/work-order.ts';

/** Word to the controller; may be lost, since hello and spool say it again. */
export interface AttemptUplink {
  started(worker: { attempt: AttemptRef; device: string; pid: number; startedAt: number }): void;
  declined(attempt: AttemptRef, reason: string): void;
  ended(outcome: Outcome): void;
}

interface AttemptsDeps extends DeviceAgentsDeps {
  readonly gauge: Gauge;
  /** Are pausable workers of a hot device stopped until it has cooled down? */
  readonly pauses: boolean;
  readonly memoryReturn: Pick<MemoryReturn, 'left'>;
  readonly worker: Omit<WorkerDeps, 'onStarted' | 'measure'>;
  readonly spool: Spool;
  readonly uplink: AttemptUplink;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Attempts {
  /** Takes up what an earlier agent left running or finished. Once, before all else. */
  adopt(): void;
  /** Starts or queues; an attempt that is here already is not taken twice. */
  grant(grants: readonly Grant[]): void;
  signal(attempt: AttemptRef, signal: 'abort' | 'kill'): void;
  /** They belong to somebody else: ended, and nothing is reported. */
  revoke(attempts: readonly AttemptRef[]): void;
  /** Something may have room again. */
  wake(): void;
  /** Without a controller nothing new is started; what runs goes on. */
  pause(): void;
  resume(): void;
  /** Ends everything and resolves when nothing is left. Nothing new is started until `resume`. */
  endAll(cause: EndCause): Promise<void>;
  live(): LiveAttempt[];
  /** Workers that run, for the heartbeat. */
  workers(): WorkerReport[];
  /** What has ended here so far, by device, for the heartbeat. */
  ended(): Readonly<Record<string, EndedCounts>>;
  /** Places for cpu tasks. */
  taskSlots(device: Pick<DeviceReading, 'id' | 'kind'>): { readonly busy: number; readonly total: number };
}

const SAMPLE_MS = 1_000;

export function createAttempts(deps: AttemptsDeps): Attempts {
  return new HostAttempts(deps);
}

interface Running {
  readonly worker: Worker;
  readonly agent: DeviceAgent;
}

class HostAttempts implements Attempts {
  readonly #deps: AttemptsDeps;
  readonly #workerDeps: WorkerDeps;
  readonly #agents: DeviceAgents;
  readonly #queue = new GrantQueue();
  readonly #running = new Map<string, Running>();
  readonly #ended = new EndTally();
  #paused = true;
  #sampling = false;

  constructor(deps: AttemptsDeps) {
    this.#deps = deps;
    this.#agents = new DeviceAgents(deps);
    const { measure } = deps.gauge;
    this.#workerDeps = { ...deps.worker, measure, onStarted: (worker) => this.#onStarted(worker) };
  }

  adopt(): void {
    for (const order of this.#deps.worker.journal.list()) {
      if (this.#deps.spool.has(order.attempt)) {
        this.#forget(order.attempt);
        continue;
      }
      const agent = this.#agents.of(order.device);
      agent.enter({ ...order, lane: laneOf(order.taskClass, order.device !== 'cpu') });
      this.#watch(adoptWorker(order, this.#workerDeps), agent);
      this.#deps.log.info({ attempt: attemptKey(order.attempt), device: order.device }, 'attempt adopted');
    }
  }

  grant(grants: readonly Grant[]): void {
    const hasCards = this.#agents.hasCards();
    for (const grant of grants) {
      if (!this.#holds(grant.attempt)) this.#queue.push(laneOf(grant.taskClass, hasCards), grant);
    }
    this.wake();
  }

  signal(attempt: AttemptRef, signal: 'abort' | 'kill'): void {
    const queued = this.#queue.remove(attempt);
    if (queued) this.#report(concludeUnstarted(queued, this.#deps.worker.epoch, this.#deps.clock.now()));
    this.#running.get(attemptKey(attempt))?.worker.end('cancelled', signal);
  }

  revoke(attempts: readonly AttemptRef[]): void {
    for (const attempt of attempts) {
      this.#queue.remove(attempt);
      this.#running.get(attemptKey(attempt))?.worker.end('revoked', 'kill');
    }
  }

  wake(): void {
    this.#heedDevices();
    if (this.#paused) return;
    for (const lane of LANES) this.#drain(lane);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.wake();
  }

  async endAll(cause: EndCause): Promise<void> {
    this.#paused = true;
    this.#queue.clear();
    const workers = [...this.#running.values()].map(({ worker }) => worker);
    for (const worker of workers) worker.end(cause, 'abort');
    await Promise.all(workers.map((worker) => worker.outcome));
  }

  live(): LiveAttempt[] {
    const queued = this.#queue
      .all()
      .map(({ attempt }) => ({ attempt, state: 'queued' as const, device: null, pid: null, startedAt: null }));
    const running = [...this.#running.values()].map(({ worker: { order, pid } }) => ({
      attempt: order.attempt,
      state: 'running' as const,
      device: order.device,
      pid,
      startedAt: order.startedAt,
    }));
    return [...queued, ...running];
  }

  workers(): WorkerReport[] {
    return [...this.#running.values()].flatMap(({ worker }) => worker.report() ?? []);
  }

  ended(): Readonly<Record<string, EndedCounts>> {
    return this.#ended.byDevice();
  }

  taskSlots(device: Pick<DeviceReading, 'id' | 'kind'>): { busy: number; total: number } {
    return this.#agents.taskSlots(device);
  }

  /** What runs on a lost card is lost; on a hot one, what may be paused waits until it has cooled down. */
  #heedDevices(): void {
    for (const { worker } of this.#running.values()) {
      const { device, pausable } = worker.order;
      const { standing, strain } = this.#deps.ledger.picture(device) ?? {};
      const isHot = strain?.kind === 'constrained' && strain.by === 'heat';
      if (standing?.condition === 'lost') worker.end('device_lost', 'kill');
      else if (!isHot) worker.resume();
      else if (pausable && this.#deps.pauses) worker.pause();
    }
  }

  /** First come, first served within a lane: who cannot start yet holds up those behind it. */
  #drain(lane: Lane): void {
    for (let grant = this.#queue.head(lane); grant; grant = this.#queue.head(lane)) {
      const seat = this.#agents.admit(grant, lane);
      if (seat.kind === 'busy') return;
      if (seat.kind === 'admitted') this.#start(grant, seat.device, seat.agent);
      this.#queue.shift(lane);
      if (seat.kind === 'never') this.#decline(grant, seat.reason);
    }
  }

  #start(grant: Grant, device: DeviceReading, agent: DeviceAgent): void {
    const order = orderFrom(grant, device.id, this.#deps.clock.now());
    this.#deps.log.debug({ attempt: attemptKey(order.attempt), device: order.device }, 'grant placed');
    this.#watch(startWorker(grant, order, device, this.#workerDeps), agent);
  }

  #watch(worker: Worker, agent: DeviceAgent): void {
    this.#running.set(attemptKey(worker.order.attempt), { worker, agent });
    void worker.outcome.then((outcome) => this.#onEnded(worker, agent, outcome));
    this.#keepSampling();
  }

  #onStarted({ order: { attempt, device, startedAt }, pid }: Worker): void {
    this.#deps.worker.log.debug({ attempt: attemptKey(attempt), device, pid }, 'worker started');
    if (pid !== null) this.#deps.uplink.started({ attempt, device, pid, startedAt });
  }

  /** The outcome is in the spool before the record that proves it goes. */
  #onEnded(worker: Worker, agent: DeviceAgent, outcome: Outcome): void {
    const attempt = attemptKey(outcome.attempt);
    const { result, exitCode, signal } = outcome;
    this.#deps.worker.log.debug({ attempt, result, exitCode, signal }, 'worker ended');
    this.#running.delete(attempt);
    this.#ended.count(worker.order.device, outcome);
    this.#deps.memoryReturn.left(outcome);
    this.#deps.worker.simulated.ended(worker.order.device, taskOwner(outcome.attempt));
    agent.release(outcome.attempt);
    if (worker.order.cause !== 'revoked') this.#report(outcome);
    this.#forget(outcome.attempt);
    this.wake();
  }

  #report(outcome: Outcome): void {
    this.#deps.spool.append(outcome);
    this.#deps.uplink.ended(outcome);
  }

  #decline(grant: Grant, reason: string): void {
    this.#deps.log.info({ attempt: attemptKey(grant.attempt), reason }, 'grant declined');
    this.#deps.uplink.declined(grant.attempt, reason);
  }

  #forget(attempt: AttemptRef): void {
    this.#deps.worker.journal.close(attempt);
    this.#deps.worker.programs.forget(recordId(attempt));
  }

  #holds(attempt: AttemptRef): boolean {
    const key = attemptKey(attempt);
    return this.#running.has(key) || this.#deps.spool.has(attempt) || this.#queue.has(attempt);
  }

  /** One beat for all workers, and only while there are any. */
  #keepSampling(): void {
    if (this.#sampling || this.#running.size === 0) return;
    this.#sampling = true;
    this.#deps.clock.after(SAMPLE_MS, () => {
      this.#sampling = false;
      this.#deps.gauge.nextRound();
      for (const { worker } of this.#running.values()) worker.sample();
      this.#keepSampling();
    });
  }
}
