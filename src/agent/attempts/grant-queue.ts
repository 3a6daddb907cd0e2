/** Grants that no device can take yet: first come, first served within a lane. It starts nothing. */

import { attemptKey } from '../../contract/index.ts';
import type { AttemptRef, Grant } from '../../contract/index.ts';
import type { Lane } from '../devices/placement.ts';

export const LANES: readonly Lane[] = ['core', 'card', 'light'];

export class GrantQueue {
  readonly #lanes: Readonly<Record<Lane, Grant[]>> = { core: [], card: [], light: [] };
  /** Keys of what is in the lanes. */
  readonly #keys = new Set<string>();

  push(lane: Lane, grant: Grant): void {
    this.#lanes[lane].push(grant);
    this.#keys.add(attemptKey(grant.attempt));
  }

  has(attempt: AttemptRef): boolean {
    return this.#keys.has(attemptKey(attempt));
  }

  head(lane: Lane): Grant | undefined {
    return this.#lanes[lane][0];
  }

  /** The head of the lane leaves. */
  shift(lane: Lane): void {
    const grant = this.#lanes[lane].shift();
    if (grant) this.#keys.delete(attemptKey(grant.attempt));
  }

  /** Null when it does not wait here. */
  remove(attempt: AttemptRef): Grant | null {
    const key = attemptKey(attempt);
    if (!this.#keys.delete(key)) return null;
    for (const lane of Object.values(this.#lanes)) {
      const at = lane.findIndex((grant) => attemptKey(grant.attempt) === key);
      if (at >= 0) return lane.splice(at, 1)[0] ?? null;
    }
    return null;
  }

  clear(): void {
    for (const lane of Object.values(this.#lanes)) lane.length = 0;
    this.#keys.clear();
  }

  all(): readonly Grant[] {
    return LANES.flatMap((lane) => this.#lanes[lane]);
  }
}
