/**
 * Continuous batching: many generations share one model, one decoding step after another. The loop is the only one to
 * touch slots; it admits waiting jobs, composes batches, hands text on while the next step runs, and drops who left.
 */

import type { Clock } from '../../../kernel/index.ts';
import { chooseSlot, nextPromptBudget, shareBatch } from './batch-policy.ts';
import type { BatchItem, Decoder } from './decoder.ts';
import type { Generation, GenerationSink } from './generation.ts';
import { acceptToken, beginWork, isReading, timingsOf } from './slot-state.ts';
import type { Job, Slot, Work } from './slot-state.ts';
import type { WorkerCounters } from './metrics.ts';

export interface BatchLoop {
  /** Queues a generation; the result cancels it, within one decoding step. */
  submit(generation: Generation, sink: GenerationSink): () => void;
  readonly slots: readonly Slot[];
  /** How many wait for a slot. */
  waiting(): number;
  /** Refuses what comes, fails what waits or runs, and resolves when no decoding runs any more. */
  close(): Promise<void>;
}

export interface BatchLoopDeps {
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

export function createBatchLoop({ decoder, clock, counters }: BatchLoopDeps): BatchLoop {
  const slots: Slot[] = Array.from({ length: decoder.slots }, (_, id) => ({ id, cached: [], lastUsed: 0, work: null }));
  let queue: Job[] = [];
  let outbox: (() => void)[] = [];
  let running: Promise<void> | null = null;
  let closed = false;
  let jobs = 0;
  let promptBudget = Math.min(decoder.batchSize, 128);

  function admit(): void {
    while (queue.length > 0) {
      const [job] = queue;
      const free = slots.filter((slot) => slot.work === null);
      const slot = job === undefined ? null : chooseSlot(free, job.generation.prompt);
      if (job === undefined || slot === null) return;
      queue = queue.slice(1);
      start(slot, job);
    }
  }

  function start(slot: Slot, job: Job): void {
    slot.lastUsed = ++jobs;
    try {
      beginWork(slot, job, decoder, clock.monotonic());
    } catch (error) {
      slot.work = null; // e.g. a grammar that the library cannot use
      outbox.push(() => job.sink.fail(error));
    }
  }

  function release(slot: Slot): void {
    slot.work?.sampler.dispose();
    slot.work = null;
  }

  function dropCancelled(): void {
    for (const slot of slots) if (slot.work?.job.cancelled === true) release(slot);
  }

  function composeTurns(): readonly Turn[] {
    const busy = slots.flatMap((slot) => (slot.work === null ? [] : [{ slot, work: slot.work }]));
    const claims = busy.map(({ work }) => ({ pending: work.pending.length, reading: isReading(work) }));
    const shares = shareBatch(claims, decoder.batchSize, promptBudget);
    return busy.flatMap(({ slot, work }, at) => {
      const share = shares[at] ?? 0;
      if (share === 0) return [];
      return [{ slot, work, tokens: work.pending.slice(0, share), draws: share === work.pending.length }];
    });
  }

  function flush(): void {
    const ready = outbox;
    outbox = [];
    for (const tell of ready) tell();
  }

  function settle({ slot, work, tokens, draws }: Turn, drawn: number | null): void {
    slot.cached.push(...tokens);
    work.pending = work.pending.slice(tokens.length);
    if (!draws || work.job.cancelled) return;
    const progress = acceptToken(slot, work, drawn, decoder, clock.monotonic());
    const { sink } = work.job;
    const timings = timingsOf(work);
    if (progress.text !== '') outbox.push(() => sink.text(progress.text, timings));
    if (progress.ending === null) return;
    const { ending } = progress;
    counters.finished(ending);
    outbox.push(() => sink.end(ending));
    release(slot);
  }

  function failAll(turns: readonly Turn[], error: unknown): void {
    for (const { slot, work } of turns) {
      outbox.push(() => work.job.sink.fail(error));
      release(slot);
      decoder.forget(slot.id, 0);
      slot.cached = [];
    }
  }

  /** One decoding step. False: nobody has anything to decode. */
  async function step(): Promise<boolean> {
    dropCancelled();
    admit();
    const turns = composeTurns();
    if (turns.length === 0) return false;
    const items: BatchItem[] = turns.map(({ slot, work, tokens, draws }) => ({
      slot: slot.id,
      position: slot.cached.length,
      tokens,
      sampler: draws ? work.sampler : null,
    }));
    const startedAt = clock.monotonic();
    const decoding = decoder.decode(items);
    flush(); // others read their text while the model works
    try {
      const drawn = await decoding;
      turns.forEach((turn, at) => settle(turn, drawn[at] ?? null));
    } catch (error) {
      failAll(turns, error);
    }
    const size = turns.reduce((sum, turn) => sum + turn.tokens.length, 0);
    counters.decoded(turns.length);
    promptBudget = nextPromptBudget(promptBudget, size, clock.monotonic() - startedAt, decoder.batchSize);
    return true;
  }

  async function run(): Promise<void> {
    while (await step());
    flush();
    running = null;
    if (queue.length > 0) wake(); // asked for while the last text was handed on
  }

  function wake(): void {
    running ??= run();
  }

  return {
    slots,
    waiting: () => queue.length,
    submit(generation, sink) {
      const job: Job = { id: ++jobs, generation, sink, cancelled: closed };
      if (closed) {
        sink.fail(new Error('the engine is stopping'));
        return () => {};
      }
      queue.push(job);
      wake();
      return () => {
        job.cancelled = true;
        queue = queue.filter((other) => other !== job);
      };
    },
    async close() {
      closed = true;
      const reason = new Error('the engine is stopping');
      for (const job of queue) job.sink.fail(reason);
      queue = [];
      for (const { work } of slots) {
        if (work === null) continue;
        work.job.cancelled = true;
        work.job.sink.fail(reason);
      }
      await running;
    },
  };
}
