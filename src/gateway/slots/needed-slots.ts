/**
 * Which groups have lately had batch work make room for an interactive request: the next one will come soon, and work
 * that is not begun needs not be thrown away. Pure.
 */

/** A person who reads an answer and asks again. */
const LATELY_MS = 30_000;

export class NeededSlots {
  /** Until when, in milliseconds of the clock of `now`. */
  readonly #until = new Map<string, number>();

  /** Batch work was asked to go. */
  gaveWay(group: string, now: number): void {
    this.#until.set(group, now + LATELY_MS);
  }

  /** An interactive request got a slot: for whom one is needed, it is so for longer. */
  used(group: string, now: number): void {
    if (this.isNeeded(group, now)) this.gaveWay(group, now);
  }

  isNeeded(group: string, now: number): boolean {
    return (this.#until.get(group) ?? 0) > now;
  }

  /** When batch work may have the first of them again; null when it may have them all. */
  nextEnd(now: number): number | null {
    for (const [group, until] of this.#until) if (until <= now) this.#until.delete(group);
    return this.#until.size === 0 ? null : Math.min(...this.#until.values());
  }
}
