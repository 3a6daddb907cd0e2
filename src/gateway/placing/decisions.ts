/** Why the latest requests went where they went, or still wait: one log per request, the oldest forgotten first. */

import type { PlacementDecision } from './placement.ts';

export type DecisionLine = PlacementDecision['log'][number];

const KEPT = 500;

export class Decisions {
  readonly #logs = new Map<string, readonly DecisionLine[]>();

  /** Replaces what was decided about the request before. */
  note(id: string, log: readonly DecisionLine[]): void {
    this.#logs.delete(id);
    this.#logs.set(id, log);
    const [oldest] = this.#logs.keys();
    if (this.#logs.size > KEPT && oldest !== undefined) this.#logs.delete(oldest);
  }

  /** Null for what was never decided, or long ago. */
  of(id: string): readonly DecisionLine[] | null {
    return this.#logs.get(id) ?? null;
  }
}
