/** How many attempts have ended well and badly on each device of this host since its agent began. */

import type { EndedCounts, Outcome } from '../../contract/index.ts';

export class EndTally {
  readonly #counts = new Map<string, EndedCounts>();

  count(device: string, { result, exitCode }: Pick<Outcome, 'result' | 'exitCode'>): void {
    if (result === 'cancelled') return;
    const { succeeded, failed } = this.#counts.get(device) ?? { succeeded: 0, failed: 0 };
    const isWell = result === 'exited' && exitCode === 0;
    this.#counts.set(device, isWell ? { succeeded: succeeded + 1, failed } : { succeeded, failed: failed + 1 });
  }

  byDevice(): Readonly<Record<string, EndedCounts>> {
    return Object.fromEntries(this.#counts);
  }
}
