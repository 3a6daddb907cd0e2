/** How long requests occupy a slot, per model, as a moving average. Pure. */

/** Weight of the newest sample. */
const NEWEST = 0.2;

export class ServiceTimes {
  readonly #average = new Map<string, number>();

  /** Milliseconds; null before the first sample. */
  of(model: string): number | null {
    return this.#average.get(model) ?? null;
  }

  record(model: string, ms: number): void {
    const before = this.#average.get(model) ?? ms;
    this.#average.set(model, before + NEWEST * (ms - before));
  }
}
