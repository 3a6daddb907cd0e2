/** The model slots of tasks: waits for one, holds it while its attempt runs, gives it back. Turns decide who gets one. */

import type { Clock, Log } from '../../kernel/index.ts';
import type { RestoredSlot, SlotLease } from '../../gateway/index.ts';
import type { InferencePort } from '../ports.ts';
import type { TurnLoop } from '../turn/turn-loop.ts';

/** Before a task that could not have a slot asks again. */
const SLOT_RETRY_MS = 1_000;

interface TaskSlotDeps {
  readonly inference: Pick<InferencePort, 'acquireSlot' | 'restoreSlot'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends every wait. */
  readonly signal: AbortSignal;
  readonly loop: () => Pick<TurnLoop, 'book' | 'post' | 'ask'>;
}

interface TaskSlots {
  /** Resolves when a turn has heard what became of it: a slot of the model, or none. */
  acquire(id: number, model: string): Promise<void>;
  stopWaiting(id: number): void;
  /** Holds what an attempt was given until `release`. */
  keep(attempt: string, slot: SlotLease): void;
  /** The same for an attempt that has outlived the controller. */
  restore(attempt: string, slot: RestoredSlot): void;
  release(attempt: string): void;
}

export function createTaskSlots({ inference, clock, log, signal: ended, loop }: TaskSlotDeps): TaskSlots {
  const held = new Map<string, Pick<SlotLease, 'release'>>();

  async function offer(id: number, slot: SlotLease): Promise<void> {
    try {
      await loop().ask<void>((reply) => ({ kind: 'slot', id, slot, reply }));
    } catch (error) {
      slot.release();
      throw error;
    }
  }

  return {
    async acquire(id, model) {
      const abort = new AbortController();
      loop().book.acquiring.set(id, { model, abort });
      const signal = AbortSignal.any([abort.signal, ended]);
      try {
        await offer(id, await inference.acquireSlot({ model, class: 'batch', signal }));
      } catch (error) {
        if (!signal.aborted) log.warn({ err: error, model }, 'no slot for a task');
        await clock.sleep(SLOT_RETRY_MS, signal).catch(() => {});
        loop().post({ kind: 'no-slot', id });
      }
    },
    stopWaiting: (id) => loop().book.acquiring.get(id)?.abort.abort(),
    keep: (attempt, slot) => void held.set(attempt, slot),
    restore: (attempt, slot) => void held.set(attempt, inference.restoreSlot(slot)),
    release(attempt) {
      held.get(attempt)?.release();
      held.delete(attempt);
    },
  };
}
