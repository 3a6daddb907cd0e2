/**
 * The owner of one instance: a mailbox before the pure machine, and the hands that carry out its effects. Nobody else
 * starts, ends or judges the engine. Decides nothing itself.
 */

import { AppError } from '../contract/index.ts';
import type { ExitInfo, InstanceReport, InstanceSpec, ProbeRecord } from '../contract/index.ts';
import type { MemoryLedger } from '../devices/index.ts';
import { assertNever, createMailbox, createScope } from '../kernel/index.ts';
import type { Clock, Log, Random } from '../kernel/index.ts';
import type { Ending } from '../kernel/detached/index.ts';
import { exitInfo } from './exit-info.ts';
import { stoppedFailure } from './failures.ts';
import { launchId, ownerOf } from './launch.ts';
import type { Prepared } from './launch.ts';
import type { Launcher } from './launcher.ts';
import type { Ports } from './ports.ts';
import type { Prober } from './prober.ts';
import { toRecord } from './record.ts';
import type { Records } from './record.ts';
import { toReport } from './report.ts';
import type { Answer, Effect, Found, InstanceEvent, LaunchPlan, Machine, RunningProcess } from './state.ts';
import { step } from './step.ts';
import type { InstanceChange } from './supervisor.ts';
import { createWaitingRoom } from './waiting-room.ts';

export interface OwnerDeps {
  readonly launcher: Launcher;
  readonly prober: Prober;
  readonly ledger: MemoryLedger;
  readonly ports: Ports;
  readonly records: Records;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly home: string;
  prepare(machine: Machine): Promise<Prepared>;
  onChange(change: InstanceChange): void;
  onProbe(probe: ProbeRecord): void;
}

export interface Owner {
  /** Null once it is forgotten and gone. */
  report(): InstanceReport | null;
  /** True while it is meant to run, and on the CPU. */
  isOnCpu(): boolean;
  logLimits(): InstanceSpec['logs'];
  post(event: Extract<InstanceEvent, { kind: 'declared' | 'forgotten' | 'used' }>): void;
  ask(question: Question, signal?: AbortSignal): Promise<Answer>;
  /** What an earlier life left; a running process is watched from here on. Resolves when it is taken in. */
  takeOver(found: Found): Promise<void>;
  /** Lets go; whoever still waits is refused. */
  close(): Promise<void>;
}

export type Question =
  | { readonly kind: 'ready-asked'; readonly by: 'operator' | 'request' }
  | { readonly kind: 'stop-asked'; readonly force: boolean }
  | { readonly kind: 'restart-asked'; readonly force: boolean };

export function createOwner(machine: Machine, deps: OwnerDeps): Owner {
  return new InstanceOwner(machine, deps);
}

class InstanceOwner implements Owner {
  #machine: Machine;
  readonly #deps: OwnerDeps;
  readonly #log: Log;
  readonly #scope;
  readonly #mailbox;
  readonly #waiting = createWaitingRoom();
  /** The launch under way: recorded before the spawn, so that a crash of ours in between loses no engine. */
  #planned: LaunchPlan | null = null;
  #timer: Disposable | null = null;
  /** Ends the probes of the current process. */
  #probing = new AbortController();

  constructor(machine: Machine, deps: OwnerDeps) {
    this.#machine = machine;
    this.#deps = deps;
    this.#log = deps.log.child({ instance: machine.spec.name });
    const onError = (error: unknown): void => this.#log.error({ error: String(error) }, 'instance owner failed');
    this.#scope = createScope(onError);
    this.#mailbox = createMailbox<{ event: InstanceEvent; adopted: boolean }>(
      ({ event, adopted }) => this.#handle(event, adopted),
      onError,
    );
  }

  get #name(): string {
    return this.#machine.spec.name;
  }

  report(): InstanceReport | null {
    return this.#isGone() ? null : toReport(this.#machine);
  }

  logLimits(): InstanceSpec['logs'] {
    return this.#machine.spec.logs;
  }

  isOnCpu(): boolean {
    const { desired, spec } = this.#machine;
    return desired === 'running' && spec.gpu.backend === 'cpu';
  }

  post(event: InstanceEvent): void {
    this.#mailbox.post({ event, adopted: false });
  }

  ask(question: Question, signal?: AbortSignal): Promise<Answer> {
    return this.#waiting.enter(
      (waiter) => this.post({ ...question, waiter }),
      (waiter) => this.post({ kind: 'waiter-left', waiter }),
      signal,
    );
  }

  async takeOver(found: Found): Promise<void> {
    if (found.kind === 'running') {
      const { process } = found;
      this.#deps.ledger.enter({ owner: ownerOf(this.#name), kind: 'instance', shares: process.shares });
      this.#deps.ports.hold(ownerOf(this.#name), process.port);
    }
    this.#mailbox.post({ event: { kind: 'found', found }, adopted: found.kind === 'running' });
    if (found.kind === 'running') this.#watch(found.process);
    await this.#mailbox.idle();
  }

  async close(): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    this.#probing.abort();
    await this.#scope.close();
    this.#mailbox.close();
    this.#waiting.close(goingDown());
  }

  #isGone(): boolean {
    return this.#machine.forgotten && this.#machine.state.kind === 'stopped';
  }

  #handle(event: InstanceEvent, adopted: boolean): void {
    const { clock, random } = this.#deps;
    const before = this.#machine.state.kind;
    const { machine, effects } = step(this.#machine, event, { now: clock.now(), random: random() });
    this.#machine = machine;
    if (machine.state.kind !== before) {
      const { generation, restarts, state } = machine;
      this.#log.info({ from: before, to: state.kind, generation, restarts }, 'instance changed');
    }
    for (const effect of effects) this.#perform(effect, adopted);
  }

  #perform(effect: Effect, adopted: boolean): void {
    switch (effect.kind) {
      case 'launch':
        return this.#scope.run(() => this.#launch(effect.launch));
      case 'probe':
        return this.#after(effect.afterMs, (signal) => this.#probe(effect.process, signal));
      case 'see-slots':
        return this.#after(effect.afterMs, (signal) => this.#seeSlots(effect.process, signal));
      case 'wake':
        return this.#wake(effect.generation, effect.afterMs);
      case 'terminate':
        return this.#deps.launcher.terminate(effect.process.identity);
      case 'kill':
        return this.#deps.launcher.kill(this.#name, effect.process.identity);
      case 'release':
        this.#deps.ledger.release(ownerOf(this.#name));
        return this.#deps.ports.release(ownerOf(this.#name));
      case 'answer':
        return this.#waiting.answer(effect.waiter, effect.answer);
      case 'report':
        return this.#tell(adopted);
      default:
        return assertNever(effect);
    }
  }

  /** First the record, then the word: what others know is never ahead of what we would remember. */
  #tell(adopted: boolean): void {
    if (this.#isGone()) {
      this.#deps.records.remove(this.#name);
      this.#deps.launcher.forget(launchId(this.#name, this.#machine.launch));
      this.#deps.onChange({ kind: 'gone', name: this.#name });
      return;
    }
    this.#record();
    this.#deps.onChange({ kind: 'report', report: toReport(this.#machine), adopted });
  }

  #record(): void {
    this.#deps.records.write(toRecord(this.#machine, this.#planned));
  }

  async #launch(launch: number): Promise<void> {
    const prepared = await this.#deps.prepare(this.#machine);
    if (prepared.kind === 'failed') {
      return this.post({ kind: 'launch-failed', launch, failure: prepared.failure });
    }
    if (this.#machine.state.kind !== 'starting') {
      return this.post({ kind: 'launch-failed', launch, failure: stoppedFailure(this.#name) });
    }
    const { plan, request } = prepared;
    this.#planned = plan;
    this.#record();
    this.#deps.launcher.forget(launchId(this.#name, launch - 1));
    const result = await this.#deps.launcher.launch(request);
    if (result.kind === 'failed') {
      const message = `${this.#name} could not be started: ${result.message}`;
      const failure = { code: 'ENGINE_START_FAILED', message, hint: null, permanent: false } as const;
      return this.post({ kind: 'launch-failed', launch, failure });
    }
    const process: RunningProcess = { ...plan, identity: result.identity };
    this.post({ kind: 'launched', process });
    this.#watch(process);
  }

  #watch(process: RunningProcess): void {
    this.#probing.abort();
    this.#probing = new AbortController();
    const ended = this.#deps.launcher.ended(launchId(this.#name, process.launch));
    this.#scope.run(async () => {
      const ending = await unlessAborted(ended, this.#scope.signal);
      if (ending !== null) await this.#onEnded(process, ending);
    });
  }

  async #onEnded(process: RunningProcess, ending: Ending): Promise<void> {
    this.#probing.abort();
    const left = await this.#deps.launcher.sweep(this.#name, process.identity);
    if (left.length > 0) this.#log.error({ pids: left }, 'processes do not end');
    const exit: ExitInfo = exitInfo(ending, { home: this.#deps.home, name: this.#name, offset: process.stderrOffset });
    const loading = this.#machine.state.kind === 'loading';
    const portLost = loading && !(await this.#deps.ports.isFree(process.host, process.port));
    this.post({ kind: 'exited', launch: process.launch, exit, portLost });
  }

  #wake(generation: number, afterMs: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#deps.clock.after(afterMs, () => this.post({ kind: 'timer', generation }));
  }

  /** Runs a question to the current process after a while, unless it has ended by then. */
  #after(ms: number, question: (signal: AbortSignal) => Promise<void>): void {
    const { signal } = this.#probing;
    this.#deps.clock.after(ms, () => {
      if (!signal.aborted) this.#scope.run(() => question(signal));
    });
  }

  async #probe(process: RunningProcess, signal: AbortSignal): Promise<void> {
    const { prober, clock, onProbe } = this.#deps;
    const { state, spec } = this.#machine;
    const ask = state.kind === 'loading' ? prober.firstHealth : prober.health;
    const begun = clock.monotonic();
    const { health, detail } = await ask(spec, process, signal);
    if (signal.aborted) return;
    const latencyMs = Math.round(clock.monotonic() - begun);
    onProbe({ name: spec.name, at: clock.now(), health, detail, latencyMs });
    this.post({ kind: 'probed', launch: process.launch, health, detail });
  }

  async #seeSlots(process: RunningProcess, signal: AbortSignal): Promise<void> {
    const busy = await this.#deps.prober.busySlots(this.#machine.spec, process, signal);
    if (!signal.aborted) this.post({ kind: 'slots-seen', launch: process.launch, busy });
  }
}

function goingDown(): AppError {
  return new AppError('AGENT_UNAVAILABLE', 'the agent is going down', { hint: 'the instance itself is left as it is' });
}

/** Null when the signal aborts first. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve(null);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
