/** Who has called, once that is known, and what belongs to whom. Pure. */

import type { Holder } from '../gateway/index.ts';
import type { KeyRecord } from '../store/index.ts';

export type Actor =
  /** On the unix socket. */
  | { readonly kind: 'operator' }
  /** Of this machine, without a key, where none is asked for. */
  | { readonly kind: 'anonymous' }
  /** A command of a plan, with the token of its slot: the gateway knows which. */
  | { readonly kind: 'task' }
  | { readonly kind: 'key'; readonly key: KeyRecord };

/** As facts, requests and audits name it. Never a secret. */
export function actorName(actor: Actor): string {
  return actor.kind === 'key' ? `key:${actor.key.id}` : actor.kind;
}

/**
 * A key without scope manage sees and ends what it has asked for itself, a task nothing. Where no key is asked for,
 * callers cannot be told apart.
 */
export function mayTouch(actor: Actor, owner: string): boolean {
  if (actor.kind === 'key') return actor.key.scopes.includes('manage') || actorName(actor) === owner;
  return actor.kind !== 'task';
}

/** Whose things it sees and ends; null: everybody's. */
export function reachOf(actor: Actor): string | null {
  const own = actorName(actor);
  return mayTouch(actor, 'of somebody else') ? null : own;
}

/** As the gateway knows him; null for callers without a key. */
export function holderOf(actor: Actor): Holder | null {
  const owner = actorName(actor);
  if (actor.kind === 'operator') return { owner, models: null, rpm: null, tpm: null, concurrency: null };
  if (actor.kind !== 'key') return null;
  const { models, rpm, tpm, concurrency } = actor.key;
  return { owner, models, rpm, tpm, concurrency };
}
