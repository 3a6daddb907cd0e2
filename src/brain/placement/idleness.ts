/** Since when instances have had nothing to do: since their last use, or since they were first seen idle where none is known. */

import type { ServedInstance } from './situation.ts';

type Used = Pick<ServedInstance, 'name' | 'state' | 'busySlots' | 'usedAt'>;

export class Idleness {
  readonly #seenAt = new Map<string, number>();

  /** Epoch ms; null while it is busy or not ready. */
  since({ name, state, busySlots, usedAt }: Used, now: number): number | null {
    if (state !== 'ready' || busySlots > 0) {
      this.#seenAt.delete(name);
      return null;
    }
    const seenAt = this.#seenAt.get(name) ?? now;
    this.#seenAt.set(name, seenAt);
    return usedAt ?? seenAt;
  }
}
