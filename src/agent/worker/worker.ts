/**
 * One attempt from launch to outcome: owns its process tree, its timer and its files. Who may start when, and who is
 * told, is decided by `attempts.ts`.
 */

import { assertNever, killTree, signalTree } from '../../kernel/index.ts';
import type { Clock, DetachedPrograms, Ending, Log, ProcessIdentity } from '../../kernel/index.ts';
import { attemptKey } from '../../contract/index.ts';
import type { Grant, Outcome, WorkerReport } from '../../contract/index.ts';
import type { SimulatedFiles } from '../../devices/index.ts';
import { attemptFiles, prepareFolder, readTail, writeExit } from './attempt-folder.ts';
import { taskOwner } from '../devices/device-agent.ts';
import type { FindTerms, Terms } from '../terms/terms.ts';
import type { Journal } from './journal.ts';
import { launchLine } from './launch-line.ts';
import type { Gauge } from './measure.ts';
import { concludeAttempt, concludeBlocked, concludeUnlaunched } from './outcome.ts';
import { missingProducts } from './produced.ts';
import { clearRemains, killRemains } from './remains.ts';
import type { KillRemains, Remains } from './remains.ts';
import { abortTree } from './signals.ts';
import { createVitals } from './vitals.ts';
import type { Vitals } from './vitals.ts';
import { attemptMarker, recordId } from './work-order.ts';
import type { EndCause, WorkOrder } from './work-order.ts';
import { workerEnvironment } from './worker-environment.ts';
import type { WorkerPlace } from './worker-environment.ts';

export interface WorkerDeps {
  readonly programs: DetachedPrograms;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  readonly epoch: number;
  readonly home: string;
  readonly simulated: Pick<SimulatedFiles, 'pathOf' | 'ended'>;
  readonly terms: FindTerms;
  /** Memory of its processes on its device; null when nothing measures it. */
  readonly measure: Gauge['measure'];
  /** The system's own, unless something else is said. */
  readonly killRemains?: KillRemains;
  /** The program runs; told once, before the outcome. */
  readonly onStarted: (worker: Worker) => void;
}

export interface Worker {
  readonly order: WorkOrder;
  /** Of the command's own bash; null until it runs. */
  readonly pid: number | null;
  /** Resolves when nothing of the attempt is left; never rejects. */
  readonly outcome: Promise<Outcome>;
  /** Ends it early. The first cause stays, unless it is revoked; a kill after an abort cuts the grace short. */
  end(cause: EndCause, signal: 'abort' | 'kill'): void;
  /** Looks at what it does now. */
  sample(): void;
  /** For the heartbeat; null while it starts. */
  report(): WorkerReport | null;
  /** Stops its processes, and lets them go on; time paused counts neither as quiet nor towards its timeout. */
  pause(): void;
  resume(): void;
}

export function startWorker(grant: Grant, order: WorkOrder, device: WorkerPlace['device'], deps: WorkerDeps): Worker {
  return new AttemptWorker(order, deps, () => launch(grant, order, device, deps));
}

/** Takes over what an earlier agent launched, whether it runs or has ended. */
export function adoptWorker(order: WorkOrder, deps: WorkerDeps): Worker {
  return new AttemptWorker(order, deps, () => Promise.resolve(find(order, deps)));
}

/** So soon after its leader's end a group number is not used again. */
const RECENT_MS = 2_000;

type Start =
  | { readonly kind: 'started'; readonly identity: ProcessIdentity | null }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'blocked'; readonly reason: string; readonly asks: readonly string[] };

async function launch(grant: Grant, order: WorkOrder, device: WorkerPlace['device'], deps: WorkerDeps): Promise<Start> {
  try {
    const { item: itemFile, progress: progressFile } = attemptFiles(grant.dir);
    const memoryFile = device.kind === 'simulated' ? deps.simulated.pathOf(device.id, taskOwner(grant.attempt)) : null;
    const env = workerEnvironment(grant, { home: deps.home, device, itemFile, progressFile, memoryFile });
    const answer = deps.terms(grant, env);
    const terms = answer instanceof Promise ? await answer : answer;
    if (terms.kind !== 'agreed') return refusal(terms);
    const files = prepareFolder(grant, env);
    deps.journal.open(order);
    const result = await deps.programs.launch({
      id: recordId(order.attempt),
      ...launchLine(grant, env, { files, bash: deps.programs.bash, enclose: terms.enclose }),
      fresh: order.taskClass === 'script',
      env: { ...env, ...terms.secrets },
      cwd: grant.cwd,
      stdoutPath: files.stdout,
      stderrPath: files.stderr,
    });
    return result.kind === 'started' ? result : { kind: 'failed', reason: result.message };
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

function refusal(terms: Exclude<Terms, { kind: 'agreed' }>): Start {
  switch (terms.kind) {
    case 'lacking':
      return { kind: 'failed', reason: terms.reason };
    case 'blocked':
      return { kind: 'blocked', reason: terms.reason, asks: [] };
    case 'ask':
      return { kind: 'blocked', reason: `a person must allow: ${terms.commands.join('; ')}`, asks: terms.commands };
    default:
      return assertNever(terms);
  }
}

/** Without a record the agent died within the launch: the marker alone leads to what may run. */
function find(order: WorkOrder, deps: WorkerDeps): Start {
  const found = deps.programs.inspect(recordId(order.attempt));
  return { kind: 'started', identity: found.kind === 'unknown' ? null : found.identity };
}

class AttemptWorker implements Worker {
  readonly outcome: Promise<Outcome>;
  readonly #deps: WorkerDeps;
  readonly #id: string;
  #order: WorkOrder;
  #identity: ProcessIdentity | null = null;
  /** `leaving`: its command has ended, and something that it started lives on. */
  #phase: 'starting' | 'running' | 'leaving' | 'ended' = 'starting';
  /** Pids of what lives on. */
  #left: readonly number[] = [];
  #asked: 'abort' | 'kill' | null = null;
  #timer: Disposable | null = null;
  /** Of the timeout, by the monotonic clock. */
  #deadline = 0;
  #ladder: Disposable | null = null;
  #vitals: Vitals | null = null;
  /** Of the timeout, when it was paused. */
  #leftMs: number | null = null;

  constructor(order: WorkOrder, deps: WorkerDeps, start: () => Promise<Start>) {
    this.#order = order;
    this.#deps = deps;
    this.#id = recordId(order.attempt);
    this.outcome = this.#live(start);
  }

  get order(): WorkOrder {
    return this.#order;
  }

  get pid(): number | null {
    return this.#identity?.pid ?? null;
  }

  end(cause: EndCause, signal: 'abort' | 'kill'): void {
    if (this.#phase === 'ended') return;
    // How its command ended stands; only that nobody wants to know of it may still come.
    if (cause === 'revoked' || (this.#order.cause === null && this.#phase !== 'leaving')) this.#note(cause);
    if (this.#asked === 'kill' || this.#asked === signal) return;
    this.#asked = signal;
    this.#deps.log.debug({ attempt: attemptKey(this.#order.attempt), cause, signal }, 'worker signalled');
    if (this.#phase === 'running') this.#carryOut(signal);
  }

  sample(): void {
    const { pid } = this;
    if (pid === null || this.#phase !== 'running') return;
    this.#vitals?.look(this.#deps.measure({ order: this.#order, pid }));
  }

  report(): WorkerReport | null {
    if (this.#vitals === null || this.#phase === 'ended') return null;
    const { attempt, device, startedAt } = this.#order;
    const { memoryBytes } = this.#vitals;
    const quietMs = this.#vitals.quietMs();
    const pid = this.#left[0] ?? this.pid;
    return { attempt, device, pid, memoryBytes, startedAt, quietMs, paused: this.#leftMs !== null };
  }

  pause(): void {
    if (this.#phase !== 'running' || this.#leftMs !== null || this.#asked !== null) return;
    this.#leftMs = Math.max(0, this.#deadline - this.#deps.clock.monotonic());
    this.#timer?.[Symbol.dispose]();
    this.#vitals?.pause();
    this.#signal('SIGSTOP');
  }

  resume(): void {
    if (this.#leftMs === null) return;
    this.#signal('SIGCONT');
    this.#vitals?.resume();
    this.#timeOutAfter(this.#leftMs);
    this.#leftMs = null;
  }

  #signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    signalTree(this.#identity, attemptMarker(this.#order.attempt), signal);
  }

  async #live(start: () => Promise<Start>): Promise<Outcome> {
    const started = await start();
    if (started.kind === 'failed') return this.#failToStart(started.reason);
    if (started.kind === 'blocked') return concludeBlocked(this.#failToStart(started.reason), started.asks);
    this.#run(started.identity);
    const ending = await this.#deps.programs.ended(this.#id);
    // A card may still tell what it held; of what has left the CPU nothing can be measured.
    if (this.#order.device !== 'cpu') this.sample();
    await this.#leave(ending);
    return this.#finish(ending);
  }

  #run(identity: ProcessIdentity | null): void {
    this.#identity = identity;
    this.#phase = 'running';
    const { dir, startedAt, timeoutMs, pausable } = this.#order;
    this.#vitals = createVitals(dir, startedAt, this.#deps.clock);
    this.#timeOutAfter(Math.max(0, startedAt + timeoutMs - this.#deps.clock.now()));
    // An earlier agent may have died while it was paused.
    if (pausable) this.#signal('SIGCONT');
    if (identity) this.#deps.onStarted(this);
    if (this.#order.cause !== null) this.#carryOut(this.#asked ?? 'abort');
  }

  #timeOutAfter(ms: number): void {
    this.#deadline = this.#deps.clock.monotonic() + ms;
    this.#timer = this.#deps.clock.after(ms, () => this.end('timed_out', 'abort'));
  }

  /** On disk before it has effect: a later agent must not take a killed attempt for one that failed. */
  #note(cause: EndCause): void {
    this.#order = { ...this.#order, cause };
    this.#deps.journal.amend(this.#order);
  }

  #carryOut(signal: 'abort' | 'kill'): void {
    this.#asked = signal;
    // What is stopped hears no SIGTERM.
    this.resume();
    const target = { identity: this.#identity, marker: attemptMarker(this.#order.attempt) };
    if (signal === 'kill') killTree(target.identity, target.marker);
    else this.#ladder = abortTree(target, this.#deps.clock);
  }

  /** Holds its place until nothing of it is left. */
  async #leave(ending: Ending): Promise<void> {
    this.#settle('leaving');
    const { killRemains: kill = killRemains, clock, log } = this.#deps;
    const onLeft = (pids: readonly number[]): void => {
      if (this.#left.length === 0)
        log.warn({ attempt: attemptKey(this.#order.attempt), pids }, 'what was killed lives on');
      this.#left = pids;
    };
    await clearRemains(this.#remains(ending), { kill, clock, onLeft });
  }

  #finish(ending: Ending): Outcome {
    this.#phase = 'ended';
    const succeeded = ending.kind === 'exited' && ending.code === 0 && this.#order.cause === null;
    const { cwd, dir, produces } = this.#order;
    const outcome = concludeAttempt(this.#order, ending, {
      epoch: this.#deps.epoch,
      missing: succeeded ? missingProducts(cwd, produces) : [],
      peakMemoryBytes: this.#vitals?.peakMemoryBytes ?? null,
      tail: readTail(dir),
    });
    this.#leaveRecord(outcome);
    return outcome;
  }

  /** It is for people to read: where none can be written, as on a full disk or where a command deleted the folder, the outcome holds. */
  #leaveRecord(outcome: Outcome): void {
    try {
      writeExit(this.#order.dir, outcome);
    } catch (error) {
      this.#deps.log.warn({ attempt: attemptKey(this.#order.attempt), err: error }, 'exit record not written');
    }
  }

  #failToStart(reason: string): Outcome {
    this.#settle('ended');
    return concludeUnlaunched(this.#order, reason, this.#deps.epoch, this.#deps.clock.now());
  }

  #settle(phase: 'leaving' | 'ended'): void {
    this.#phase = phase;
    this.#timer?.[Symbol.dispose]();
    this.#ladder?.[Symbol.dispose]();
  }

  /**
   * What a command left running in its group ends with it. After an abort, or long after the end, only the marker is
   * trusted: the group's number may be somebody else's by then.
   */
  #remains(ending: Ending): Remains {
    const recent = ending.kind !== 'lost' && this.#deps.clock.now() - ending.at < RECENT_MS;
    const byMarker = !recent || this.#order.cause !== null;
    return { group: recent ? this.#identity : null, marker: byMarker ? attemptMarker(this.#order.attempt) : null };
  }
}
