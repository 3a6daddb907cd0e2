/** Slots held for callers outside: one token each, and one call at a time through it. */

import { randomToken } from '../kernel/index.ts';
import type { InstanceLease } from './dispatcher.ts';

/** Tells a slot token from any other bearer key. */
export const SLOT_TOKEN_PREFIX = 'drover-slot-';

export interface HeldSlot {
  readonly token: string;
  /** The model name it was asked for. */
  readonly model: string;
  readonly lease: InstanceLease;
  /** Waits until the calls before are over. The slot is the caller's until it disposes of the turn; null when aborted. */
  turn(signal: AbortSignal): Promise<Disposable | null>;
}

export interface HeldSlots {
  hold(model: string, lease: InstanceLease): HeldSlot;
  /** Null for a token that was never given out or whose slot was given back. */
  find(token: string): HeldSlot | null;
  release(slot: HeldSlot): void;
  releaseAll(): void;
}

export function createHeldSlots(): HeldSlots {
  const slots = new Map<string, HeldSlot>();

  function release(slot: HeldSlot): void {
    if (slots.delete(slot.token)) slot.lease.release(null);
  }

  return {
    hold(model, lease) {
      const slot: HeldSlot = { token: `${SLOT_TOKEN_PREFIX}${randomToken(40)}`, model, lease, turn: createTurns() };
      slots.set(slot.token, slot);
      return slot;
    },
    find: (token) => slots.get(token) ?? null,
    release,
    releaseAll: () => [...slots.values()].forEach(release),
  };
}

const nothing = (): void => {};

/** Turns in order of asking. */
function createTurns(): (signal: AbortSignal) => Promise<Disposable | null> {
  let last: Promise<void> = Promise.resolve();
  return async (signal) => {
    const before = last;
    let end = nothing;
    last = new Promise((resolve) => (end = resolve));
    await Promise.race([before, aborted(signal)]);
    if (!signal.aborted) return { [Symbol.dispose]: end };
    void before.then(end);
    return null;
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
