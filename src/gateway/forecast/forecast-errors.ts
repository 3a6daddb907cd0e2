/** How far forecasts of the start were from the truth: a sample of those who wait, and of their last results. Pure. */

export interface ForecastQuality {
  readonly samples: number;
  /** Of the difference, whichever way; null before the first. Milliseconds. */
  readonly medianMs: number | null;
  readonly p90Ms: number | null;
  /** Of the difference with its sign: above 0 it took longer than was said. */
  readonly biasMs: number | null;
}

/** Forecasts followed at a time, and results remembered. */
const FOLLOWED = 64;
const REMEMBERED = 256;

export class ForecastErrors {
  /** Monotonic milliseconds at which the start was expected. */
  readonly #expected = new Map<string, number>();
  readonly #errors: number[] = [];

  /** Whether one more is followed now. */
  get hasRoom(): boolean {
    return this.#expected.size < FOLLOWED;
  }

  expect(id: string, at: number): void {
    this.#expected.set(id, at);
  }

  began(id: string, at: number): void {
    const expected = this.#expected.get(id);
    this.#expected.delete(id);
    if (expected === undefined) return;
    this.#errors.push(at - expected);
    if (this.#errors.length > REMEMBERED) this.#errors.shift();
  }

  /** Those of whom this is not true will never begin. */
  retain(isWaiting: (id: string) => boolean): void {
    for (const id of this.#expected.keys()) if (!isWaiting(id)) this.#expected.delete(id);
  }

  quality(): ForecastQuality {
    const sizes = this.#errors.map(Math.abs).toSorted((a, b) => a - b);
    const samples = sizes.length;
    if (samples === 0) return { samples, medianMs: null, p90Ms: null, biasMs: null };
    const biasMs = Math.round(this.#errors.reduce((sum, error) => sum + error, 0) / samples);
    return { samples, medianMs: quantile(sizes, 0.5), p90Ms: quantile(sizes, 0.9), biasMs };
  }
}

function quantile(sorted: readonly number[], share: number): number {
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
}
