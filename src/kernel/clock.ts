/** Time as an input. The only door to the system's clock and timers; everything else receives a `Clock`. */

export interface Clock {
  /** Epoch milliseconds, for stored times. */
  now(): number;
  /** Milliseconds that never go backwards, for durations and deadlines on this host. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `run` once after `ms` unless disposed of before. Does not keep the process alive by itself. */
  after(ms: number, run: () => void): Disposable;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => sleepWith(keepAliveTimer, ms, signal),
  after: (ms, run) => startTimer(ms, run, (timer) => timer.unref()),
};

/** Somebody awaits a sleep: the process must not end under it. */
const keepAliveTimer: Clock['after'] = (ms, run) => startTimer(ms, run, () => {});

/** The system rings at once for what is longer, which here is counted in several parts. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function startTimer(ms: number, run: () => void, prepare: (timer: NodeJS.Timeout) => void): Disposable {
  const start = (leftMs: number): NodeJS.Timeout => {
    const next = (): void => void (timer = start(leftMs - LONGEST_TIMER_MS));
    const started = leftMs > LONGEST_TIMER_MS ? setTimeout(next, LONGEST_TIMER_MS) : setTimeout(run, leftMs);
    prepare(started);
    return started;
  };
  let timer = start(ms);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

function sleepWith(after: Clock['after'], ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const done = (finish: () => void): void => {
      timer[Symbol.dispose]();
      signal?.removeEventListener('abort', onAbort);
      finish();
    };
    const onAbort = (): void => done(() => reject(signal?.reason as Error));
    const timer = after(ms, () => done(resolve));
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Runs `beat` every `ms`, one after the other, until the signal aborts. A failing beat is reported, not fatal. */
export async function every(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  beat: () => void | Promise<void>,
  onError: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await clock.sleep(ms, signal);
      await beat();
    } catch (error) {
      if (!signal.aborted) onError(error);
    }
  }
}

/** ISO 8601 in UTC of an epoch-ms time; null stays null. */
export function isoTime(epochMs: number): string;
export function isoTime(epochMs: number | null): string | null;
export function isoTime(epochMs: number | null): string | null {
  return epochMs === null ? null : new Date(epochMs).toISOString();
}

/** Epoch ms of an ISO 8601 text, or null when it is none. */
export function parseTime(text: string): number | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

/** A clock that tests move by hand. Timers fire in order of their due time; promises settle between them. */
export class TestClock implements Clock {
  #now: number;
  #timers: { due: number; order: number; run: () => void }[] = [];
  #order = 0;

  constructor(startMs = 1_750_000_000_000) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepWith((due, run) => this.after(due, run), ms, signal);
  }

  after(ms: number, run: () => void): Disposable {
    const timer = { due: this.#now + ms, order: this.#order++, run };
    this.#timers.push(timer);
    return { [Symbol.dispose]: () => void (this.#timers = this.#timers.filter((other) => other !== timer)) };
  }

  /** Moves time forward, firing what falls due on the way. */
  async advance(ms: number): Promise<void> {
    const target = this.#now + ms;
    await settle();
    for (let next = this.#next(target); next; next = this.#next(target)) {
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.due);
      next.run();
      await settle();
    }
    this.#now = target;
    await settle();
  }

  /** Milliseconds until the next timer is due; null when there is none. */
  nextDueIn(): number | null {
    const next = this.#next(Number.POSITIVE_INFINITY);
    return next ? Math.max(0, next.due - this.#now) : null;
  }

  #next(target: number): { due: number; order: number; run: () => void } | undefined {
    return this.#timers
      .filter((timer) => timer.due <= target)
      .toSorted((a, b) => a.due - b.due || a.order - b.order)[0];
  }
}

/** Lets promise chains that are ready run to their next wait. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
