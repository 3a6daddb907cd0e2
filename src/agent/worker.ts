/**
 * One attempt from launch to outcome: owns its process tree, its timer and its files. Who may start when, and who is
 * told, is decided by `attempts.ts`.
 */

import { groupLives, killTree, signalGroup } from '../kernel/index.ts';
import type { Clock, DetachedPrograms, Ending, Log, ProcessIdentity } from '../kernel/index.ts';
import type { Grant, Outcome } from '../contract/index.ts';
import { attemptFiles, bashArguments, prepareFolder, readTail, writeExit } from './attempt-folder.ts';
import type { Journal } from './journal.ts';
import { concludeAttempt, concludeUnlaunched } from './outcome.ts';
import { treeMemoryBytes } from './process-memory.ts';
import { missingProducts } from './produced.ts';
import { abortTree } from './signals.ts';
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
  /** Notes how much memory its processes use now. */
  sample(): void;
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
  | { readonly kind: 'failed'; readonly reason: string };

async function launch(grant: Grant, order: WorkOrder, device: WorkerPlace['device'], deps: WorkerDeps): Promise<Start> {
  try {
    const env = workerEnvironment(grant, { home: deps.home, device, itemFile: attemptFiles(grant.dir).item });
    const files = prepareFolder(grant, env);
    deps.journal.open(order);
    const result = await deps.programs.launch({
      id: recordId(order.attempt),
      file: deps.programs.bash,
      args: bashArguments(grant.command, files),
      env,
      cwd: grant.cwd,
      stdoutPath: files.stdout,
      stderrPath: files.stderr,
    });
    return result.kind === 'started' ? result : { kind: 'failed', reason: result.message };
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
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
  #phase: 'starting' | 'running' | 'ended' = 'starting';
  #asked: 'abort' | 'kill' | null = null;
  #timer: Disposable | null = null;
  #ladder: Disposable | null = null;
  #peakMemoryBytes: number | null = null;

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
    if (this.#order.cause === null || cause === 'revoked') this.#note(cause);
    if (this.#asked === 'kill' || this.#asked === signal) return;
    this.#asked = signal;
    if (this.#phase === 'running') this.#carryOut(signal);
  }

  sample(): void {
    const bytes = this.pid !== null && this.#phase === 'running' ? treeMemoryBytes(this.pid) : null;
    if (bytes !== null) this.#peakMemoryBytes = Math.max(bytes, this.#peakMemoryBytes ?? 0);
  }

  async #live(start: () => Promise<Start>): Promise<Outcome> {
    const started = await start();
    if (started.kind === 'failed') return this.#failToStart(started.reason);
    this.#run(started.identity);
    const ending = await this.#deps.programs.ended(this.#id);
    return this.#finish(ending);
  }

  #run(identity: ProcessIdentity | null): void {
    this.#identity = identity;
    this.#phase = 'running';
    const left = this.#order.startedAt + this.#order.timeoutMs - this.#deps.clock.now();
    this.#timer = this.#deps.clock.after(Math.max(0, left), () => this.end('timed_out', 'abort'));
    if (identity) this.#deps.onStarted(this);
    if (this.#order.cause !== null) this.#carryOut(this.#asked ?? 'abort');
  }

  /** On disk before it has effect: a later agent must not take a killed attempt for one that failed. */
  #note(cause: EndCause): void {
    this.#order = { ...this.#order, cause };
    this.#deps.journal.amend(this.#order);
  }

  #carryOut(signal: 'abort' | 'kill'): void {
    this.#asked = signal;
    const target = { identity: this.#identity, marker: attemptMarker(this.#order.attempt) };
    if (signal === 'kill') killTree(target.identity, target.marker);
    else this.#ladder = abortTree(target, this.#deps.clock);
  }

  #finish(ending: Ending): Outcome {
    this.#settle();
    this.#clearRemains(ending);
    const succeeded = ending.kind === 'exited' && ending.code === 0 && this.#order.cause === null;
    const { cwd, dir, produces } = this.#order;
    const outcome = concludeAttempt(this.#order, ending, {
      epoch: this.#deps.epoch,
      missing: succeeded ? missingProducts(cwd, produces) : [],
      peakMemoryBytes: this.#peakMemoryBytes,
      tail: readTail(dir),
    });
    writeExit(dir, outcome);
    return outcome;
  }

  #failToStart(reason: string): Outcome {
    this.#settle();
    return concludeUnlaunched(this.#order, reason, this.#deps.epoch, this.#deps.clock.now());
  }

  #settle(): void {
    this.#phase = 'ended';
    this.#timer?.[Symbol.dispose]();
    this.#ladder?.[Symbol.dispose]();
  }

  /**
   * What a command left running in its group ends with it. After an abort, or long after the end, only the marker is
   * trusted: the group's number may be somebody else's by then.
   */
  #clearRemains(ending: Ending): void {
    const identity = this.#identity;
    const recent = ending.kind !== 'lost' && this.#deps.clock.now() - ending.at < RECENT_MS;
    if (recent && identity && groupLives(identity)) signalGroup(identity, 'SIGKILL');
    if (!recent || this.#order.cause !== null) killTree(null, attemptMarker(this.#order.attempt));
  }
}
