/** Where everybody stands in the queue, from 1. Looked up often, so the whole order is kept for a moment. */

import type { RequestQueue } from '../queue/queue.ts';

/** The longer the queue, the less one place more or less means: with 10,000 in it the order may be a second old. */
const STALE_MS_PER_REQUEST = 0.1;

export class Places {
  readonly #queue: RequestQueue;
  #places: ReadonlyMap<string, number> = new Map();
  #version = -1;
  #at = -Infinity;

  constructor(queue: RequestQueue) {
    this.#queue = queue;
  }

  /** 0: it does not wait here. `now` is monotonic. */
  of(id: string, now: number): number {
    if (!this.#queue.has(id)) return 0;
    return this.all(now).get(id) ?? this.#read(now).get(id) ?? 0;
  }

  all(now: number): ReadonlyMap<string, number> {
    const isCurrent = this.#version === this.#queue.version;
    return isCurrent || now - this.#at < this.#queue.size * STALE_MS_PER_REQUEST ? this.#places : this.#read(now);
  }

  #read(now: number): ReadonlyMap<string, number> {
    this.#places = this.#queue.places();
    this.#version = this.#queue.version;
    this.#at = now;
    return this.#places;
  }
}
