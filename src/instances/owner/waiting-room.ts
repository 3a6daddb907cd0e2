/** Whoever awaits an answer about one instance. Each gets exactly one: the machine's, his own leaving, or the closing. */

import type { Answer } from '../machine/state.ts';

interface WaitingRoom {
  /** Announces a waiter by its new number; `leave` is told when his signal aborts first. */
  enter(announce: (waiter: number) => void, leave: (waiter: number) => void, signal?: AbortSignal): Promise<Answer>;
  answer(waiter: number, answer: Answer): void;
  /** Refuses all who wait and whoever comes. */
  close(reason: Error): void;
}

interface Seat {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

export function createWaitingRoom(): WaitingRoom {
  const seats = new Map<number, Seat>();
  let lastWaiter = 0;
  let closedFor: Error | null = null;

  const take = (waiter: number): Seat | undefined => {
    const seat = seats.get(waiter);
    seats.delete(waiter);
    return seat;
  };

  return {
    enter(announce, leave, signal) {
      if (closedFor !== null) return Promise.reject(closedFor);
      if (signal?.aborted) return Promise.reject(signal.reason as Error);
      const waiter = ++lastWaiter;
      const answered = new Promise<Answer>((resolve, reject) => seats.set(waiter, { resolve, reject }));
      const onAbort = (): void => {
        leave(waiter);
        take(waiter)?.reject(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      announce(waiter);
      return answered.finally(() => signal?.removeEventListener('abort', onAbort));
    },
    answer: (waiter, answer) => take(waiter)?.resolve(answer),
    close(reason) {
      closedFor = reason;
      for (const waiter of seats.keys()) take(waiter)?.reject(reason);
    },
  };
}
