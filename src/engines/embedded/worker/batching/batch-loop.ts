/**
 * Continuous batching: many generations share one model, one decoding step after another. The loop is the only one to
 * touch slots; it admits waiting jobs, composes batches, hands text on while the next step runs, and drops who left.
 */

import type { Clock } from '../../../../kernel/index.ts';
import { chooseSlot, nextPromptBudget, shareBatch } from './batch-policy.ts';
import type { BatchItem, Decoder, Drawn } from './decoder.ts';
import type { Generation, GenerationSink } from './generation.ts';
import type { WorkerCounters } from './metrics.ts';
import { acceptToken, beginWork, isReading, takeSaid, timingsOf } from './slot-state.ts';
import type { Job, Slot, Work } from './slot-state.ts';

interface BatchLoopDeps {
  readonly decoder: Decoder;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly counters: WorkerCounters;
}

/** A busy slot and its share of the next batch. */
interface Turn {
  readonly slot: Slot;
  readonly work: Work;
  readonly tokens: readonly number[];
  /** True when the share ends the pending tokens: a token is drawn after it. */
  readonly draws: boolean;
}

/** A generation that was asked for, in the hands of who asked. */
export interface Ticket {
  /** Takes effect within one decoding step: nothing is said after that, and the slot is free. */
  cancel(): void;
  /** No more text for now: the reader is behind. */
  hold(): void;
  goOn(): void;
}

const FIRST_PROMPT_BUDGET = 128;

export class BatchLoop {
  readonly slots: readonly Slot[];
  readonly #deps: BatchLoopDeps;
  #queue: readonly Job[] = [];
  /** What listeners are to be told once the next step runs. */
  #outbox: (() => void)[] = [];
  #running: Promise<void> | null = null;
  #closed = false;
  #jobs = 0;
  #promptBudget: number;

  constructor(deps: BatchLoopDeps) {
    this.#deps = deps;
    this.#promptBudget = Math.min(deps.decoder.batchSize, FIRST_PROMPT_BUDGET);
    this.slots = Array.from({ length: deps.decoder.slots }, (_, id) => ({
      id,
      cached: [],
      lastUsed: 0,
      lastJob: 0,
      work: null,
    }));
  }

  /** How many wait for a slot. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Queues a generation. */
  submit(generation: Generation, sink: GenerationSink): Ticket {
    const job: Job = { id: ++this.#jobs, generation, sink, cancelled: false, held: false };
    if (this.#closed) {
      job.cancelled = true;
      sink.fail(stopping());
    } else {
      this.#queue = [...this.#queue, job];
      this.#wake();
    }
    return {
      cancel: () => {
        job.cancelled = true;
        job.held = false;
        this.#queue = this.#queue.filter((other) => other !== job);
        this.#wake();
      },
      hold: () => void (job.held = true),
      goOn: () => {
        job.held = false;
        this.#wake();
      },
    };
  }

  /** Refuses what comes, fails what waits or runs, and resolves when no decoding runs any more. */
  async close(): Promise<void> {
    this.#closed = true;
    const atWork = this.slots.flatMap(({ work }) => (work === null ? [] : [work.job]));
    const jobs = [...this.#queue, ...atWork].filter((job) => !job.cancelled);
    this.#queue = [];
    for (const job of jobs) {
      job.cancelled = true;
      job.sink.fail(stopping());
    }
    this.#wake();
    await this.#running;
  }

  #wake(): void {
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    while (await this.#step());
    this.#flush();
    this.#running = null;
    if (this.#hasWork) this.#wake(); // asked for while the last text was handed on
  }

  get #hasWork(): boolean {
    const isFree = this.slots.some(({ work }) => work === null);
    return (isFree && this.#queue.length > 0) || this.slots.some(({ work }) => work !== null && !work.job.held);
  }

  /** One decoding step. False: nobody has anything to decode. */
  async #step(): Promise<boolean> {
    this.#dropCancelled();
    this.#admit();
    const turns = this.#composeTurns();
    if (turns.length === 0) return false;
    const { decoder, clock, counters } = this.#deps;
    const startedAt = clock.monotonic();
    const decoding = decoder.decode(turns.map(toItem));
    this.#flush(); // others read their text while the model works
    try {
      const drawn = await decoding;
      turns.forEach((turn, at) => this.#settle(turn, drawn[at] ?? NOTHING));
    } catch (error) {
      this.#failAll(turns, error);
    }
    counters.decoded(turns.length);
    const size = turns.reduce((sum, turn) => sum + turn.tokens.length, 0);
    const elapsedMs = clock.monotonic() - startedAt;
    this.#promptBudget = nextPromptBudget(this.#promptBudget, size, elapsedMs, decoder.batchSize);
    return true;
  }

  #dropCancelled(): void {
    for (const slot of this.slots) if (slot.work?.job.cancelled === true) this.#release(slot, slot.work);
  }

  #admit(): void {
    for (let job = this.#queue[0]; job !== undefined; job = this.#queue[0]) {
      const free = this.slots.filter((slot) => slot.work === null);
      const slot = chooseSlot(free, job.generation.prompt);
      if (slot === null) return;
      this.#queue = this.#queue.slice(1);
      this.#start(slot, job);
    }
  }

  #start(slot: Slot, job: Job): void {
    const { decoder, clock } = this.#deps;
    slot.lastUsed = job.id;
    try {
      beginWork(slot, job, decoder, clock.monotonic());
      this.#tell(job, () => job.sink.begin?.(slot.id));
    } catch (error) {
      this.#tell(job, () => job.sink.fail(error)); // e.g. a grammar that the library cannot use
    }
  }

  #composeTurns(): readonly Turn[] {
    const busy = this.slots
      .flatMap((slot) => (slot.work === null || slot.work.job.held ? [] : [{ slot, work: slot.work }]))
      .toSorted((a, b) => a.work.job.id - b.work.job.id);
    const claims = busy.map(({ work }) => ({ pending: work.pending.length, reading: isReading(work) }));
    const shares = shareBatch(claims, this.#deps.decoder.batchSize, this.#promptBudget);
    return busy.flatMap(({ slot, work }, at) => {
      const share = shares[at] ?? 0;
      if (share === 0) return [];
      return [{ slot, work, tokens: work.pending.slice(0, share), draws: share === work.pending.length }];
    });
  }

  #settle({ slot, work, tokens, draws }: Turn, drawn: Drawn): void {
    slot.cached.push(...tokens);
    work.pending = work.pending.slice(tokens.length);
    if (!draws || work.job.cancelled) return;
    const { decoder, clock } = this.#deps;
    const { text, ending } = acceptToken(slot, work, drawn, decoder, clock.monotonic());
    const { sink } = work.job;
    if (text !== '') {
      const timings = timingsOf(work);
      const said = takeSaid(work);
      this.#tell(work.job, () => sink.text(text, timings, said));
    }
    if (ending === null) return;
    this.#tell(work.job, () => sink.end(ending));
    this.#release(slot, work);
  }

  #release(slot: Slot, work: Work): void {
    this.#deps.counters.released(timingsOf(work));
    work.sampler.dispose();
    slot.work = null;
  }

  /** What the slots remember is unknown after a failed step: they forget all. */
  #failAll(turns: readonly Turn[], error: unknown): void {
    for (const { slot, work } of turns) {
      this.#tell(work.job, () => work.job.sink.fail(error));
      this.#release(slot, work);
      this.#deps.decoder.forget(slot.id, 0);
      slot.cached = [];
    }
  }

  /** Who cancelled hears nothing more, not even what was said before. */
  #tell(job: Job, tell: () => void): void {
    this.#outbox.push(() => {
      if (!job.cancelled) tell();
    });
  }

  #flush(): void {
    const ready = this.#outbox;
    this.#outbox = [];
    for (const tell of ready) tell();
  }
}

const NOTHING: Drawn = { token: null, said: null };

function stopping(): Error {
  return new Error('the engine is stopping');
}

function toItem({ slot, work, tokens, draws }: Turn): BatchItem {
  return { slot: slot.id, position: slot.cached.length, tokens, sampler: draws ? work.sampler : null };
}
