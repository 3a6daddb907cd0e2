/**
 * Slots held for callers outside: one token each, and one call at a time through it. Tokens are known by their hashes
 * alone, so that a slot can be held on for a caller who got his token from an earlier life of the controller.
 */

import { createHash } from 'node:crypto';

import { randomToken } from '../../kernel/index.ts';
import type { InstanceLease } from './dispatcher.ts';

/** Tells a slot token from any other bearer key. */
const SLOT_TOKEN_PREFIX = 'drover-slot-';

export function isSlotToken(text: string): boolean {
  return text.startsWith(SLOT_TOKEN_PREFIX);
}

export interface HeldSlot {
  readonly tokenHash: string;
  readonly instance: string;
  /** Null while an earlier life's slot has not been had again, and for good when it cannot be. */
  lease(): InstanceLease | null;
  /** Waits until the calls before are over. The slot is the caller's until it disposes of the turn; null when aborted. */
  turn(signal: AbortSignal): Promise<Disposable | null>;
}

/** A slot that a caller is given. */
interface GivenSlot {
  readonly slot: HeldSlot;
  readonly token: string;
}

export interface HeldSlots {
  hold(lease: InstanceLease): GivenSlot;
  /** The slot of a token that is out there already; calls wait until `had` has settled. */
  restore(tokenHash: string, instance: string, had: Promise<InstanceLease | null>): HeldSlot;
  /** Null for a token that was never given out or whose slot was given back. */
  find(token: string): HeldSlot | null;
  release(slot: HeldSlot): void;
  releaseAll(): void;
}

interface Entry {
  readonly slot: HeldSlot;
  readonly had: Promise<InstanceLease | null>;
}

export function createHeldSlots(): HeldSlots {
  const slots = new Map<string, Entry>();

  function release({ tokenHash }: HeldSlot): void {
    const entry = slots.get(tokenHash);
    if (entry === undefined) return;
    slots.delete(tokenHash);
    const lease = entry.slot.lease();
    if (lease !== null) lease.release(null);
    else void entry.had.then((late) => late?.release(null));
  }

  return {
    hold(lease) {
      const token = `${SLOT_TOKEN_PREFIX}${randomToken(40)}`;
      const tokenHash = hashOf(token);
      const { instance } = lease.engine;
      const slot: HeldSlot = { tokenHash, instance, lease: () => lease, turn: createTurns(Promise.resolve()) };
      slots.set(tokenHash, { slot, had: Promise.resolve(lease) });
      return { slot, token };
    },
    restore(tokenHash, instance, had) {
      let lease: InstanceLease | null = null;
      const settled = had.then((found) => void (lease = found));
      const slot: HeldSlot = { tokenHash, instance, lease: () => lease, turn: createTurns(settled) };
      slots.set(tokenHash, { slot, had });
      return slot;
    },
    find: (token) => slots.get(hashOf(token))?.slot ?? null,
    release,
    releaseAll: () => [...slots.values()].forEach(({ slot }) => release(slot)),
  };
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

const nothing = (): void => {};

/** Turns in order of asking, the first one after `opened`. */
function createTurns(opened: Promise<void>): (signal: AbortSignal) => Promise<Disposable | null> {
  let last = opened;
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
