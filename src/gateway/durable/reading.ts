/** Reads the events of a task for one reader: behind the last that he has had, then as they come, to the last. */

import type { TaskEvent } from '../../contract/index.ts';
import type { Clock } from '../../kernel/index.ts';
import { isAnswer } from './event-log.ts';
import type { LiveRequest } from './live-request.ts';

/** How often a place in the queue is looked at. */
const LOOK_MS = 500;
/** A reader hears something at least so often: proxies give up what is silent. */
const PING_MS = 15_000;

interface Reading {
  /** Of the last event that the reader has had; 0 for none. */
  readonly afterId: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** An empty list: nothing has happened for a while. Ends behind the last event, or when the signal aborts. */
export async function* readLive(
  live: LiveRequest,
  { afterId, clock, signal }: Reading,
): AsyncGenerator<readonly TaskEvent[]> {
  const bell = new Bell();
  using _news = live.log.listen(() => bell.ring());
  signal.addEventListener('abort', () => bell.ring(), { once: true });
  let [at, measured, heardAt] = [afterId, live.log.metrics, clock.monotonic()];
  while (!signal.aborted) {
    live.look();
    const events = live.log.after(at);
    if (!live.isTold && events.some(isAnswer)) {
      await live.tell();
      continue; // it may have been cancelled meanwhile
    }
    const { metrics } = live.log;
    const news = metrics === null || metrics === measured ? events : [...events, metrics];
    [at, measured] = [events.at(-1)?.id ?? at, metrics];
    if (news.length > 0 || clock.monotonic() - heardAt >= PING_MS) {
      heardAt = clock.monotonic();
      yield news;
    }
    if (live.log.isOver && live.log.after(at).length === 0) return;
    using _timer = clock.after(live.state === 'queued' ? LOOK_MS : PING_MS, () => bell.ring());
    await bell.rung();
  }
}

/** Somebody waits; whoever rings before he does is heard too. */
class Bell {
  #isRung = false;
  #wake: (() => void) | null = null;

  ring(): void {
    this.#isRung = true;
    this.#wake?.();
  }

  async rung(): Promise<void> {
    if (!this.#isRung) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#isRung = false;
    this.#wake = null;
  }
}
