/** Everybody who waits for a slot: the queue, and the answer that each of them gets exactly once. */

import type { Refusal } from '../door/refusals.ts';
import type { Standing } from '../forecast/start-book.ts';
import type { Pending, SlotAnswer, SlotAsk } from '../slots/slot-asks.ts';
import type { WaitingView } from '../types.ts';
import type { WaitedFor } from '../waking/wake-calls.ts';
import { RequestQueue } from './queue.ts';
import type { QueuePolicy, Waiting } from './queue.ts';

export class WaitingRoom {
  readonly queue: RequestQueue;
  readonly #pending = new Map<string, Pending>();

  constructor(policy: QueuePolicy) {
    this.queue = new RequestQueue(policy);
  }

  enter(pending: Pending, request: Waiting, now: number): void {
    this.#pending.set(request.id, pending);
    this.queue.push(request, now);
  }

  /** What the one who goes next in the lane has asked for; null when nobody waits there. */
  headAsk(lane: string): SlotAsk | null {
    const head = this.queue.head(lane);
    return head === null ? null : (this.#pending.get(head.id)?.ask ?? null);
  }

  /** Does nothing to one who does not wait. */
  refuse(id: string, refusal: Refusal): void {
    if (this.queue.remove(id) !== null) this.answer(id, { kind: 'refused', refusal });
  }

  refuseLane(lane: string, refusal: Refusal): void {
    for (const request of this.queue.waiting()) {
      if (request.lane !== lane) continue;
      this.queue.remove(request.id);
      this.answer(request.id, { kind: 'refused', refusal });
    }
  }

  expire(now: number): void {
    for (const request of this.queue.advance(now)) {
      const waitedMs = Math.round(now - request.arrivedAt);
      const refusal: Refusal = { kind: 'waited-too-long', model: request.model, waitedMs };
      this.answer(request.id, { kind: 'refused', refusal });
    }
  }

  /** To one who has left the queue. */
  answer(id: string, answer: SlotAnswer): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.answer(answer);
  }

  /** What one who waits has asked for. */
  askOf(id: string): SlotAsk | null {
    return this.#pending.get(id)?.ask ?? null;
  }

  /** `standing` says of each where it stands. */
  view(standing: (request: Waiting) => Standing, now: number): readonly WaitingView[] {
    return [...this.queue.waiting()].map((request) => ({
      id: request.id,
      model: request.model,
      key: request.key,
      class: request.class,
      ...standing(request),
      waitedMs: Math.round(now - request.arrivedAt),
    }));
  }
}

/** In these lanes: of an interactive request, else of a batch one; null when nobody waits there. */
export function longestWait({ queue }: WaitingRoom, lanes: readonly string[], now: number): WaitedFor | null {
  let longest: WaitedFor | null = null;
  for (const { lane, class: kind, arrivedAt } of queue.waiting()) {
    if (!lanes.includes(lane)) continue;
    const ms = now - arrivedAt;
    const goesBefore = longest === null || (longest.class === kind ? ms > longest.ms : kind === 'interactive');
    if (goesBefore) longest = { ms, class: kind };
  }
  return longest;
}
