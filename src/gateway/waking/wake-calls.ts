/**
 * Asking for what sleeps: one call at a time for each sleeper, however many requests wait for it, and none for a while
 * after one that failed.
 */

import { asAppError } from '../../contract/errors.ts';
import type { AppError } from '../../contract/errors.ts';
import type { Clock } from '../../kernel/index.ts';
import type { RequestClass } from '../types.ts';
import { cooldownAfter, cooldownError } from './wake-cooldown.ts';
import type { Cooldown } from './wake-cooldown.ts';

/** Who has to get up before a request can be served. */
export type WakeCall =
  /** An instance that was unloaded for want of requests. */
  | { readonly kind: 'instance'; readonly name: string }
  /** A model of the catalogue that no instance serves. */
  | { readonly kind: 'model'; readonly name: string };

export interface WaitedFor {
  readonly ms: number;
  readonly class: RequestClass;
}

/** How far a call has come. */
export type WakeCourse =
  | { readonly kind: 'loading' }
  /** These go, as soon as what they run has ended. */
  | { readonly kind: 'making-room'; readonly instances: readonly string[] }
  /** These have the memory. Some of it may be had at that time (epoch ms); null: when they are used no more. */
  | { readonly kind: 'awaiting-room'; readonly instances: readonly string[]; readonly at: number | null };

/** Requests that wait for what is called. */
export interface Waiters {
  /** The longest wait of an interactive one, else of a batch one; null when nobody waits any more. */
  longest(): WaitedFor | null;
  /** For people who ask what keeps them. */
  tell(course: WakeCourse): void;
}

/** Resolves when it is ready. Rejects with the AppError that whoever waits for it is told. */
export type Wake = (call: WakeCall, waiters: Waiters) => Promise<void>;

export function isSameCall(one: WakeCall, other: WakeCall): boolean {
  return one.kind === other.kind && one.name === other.name;
}

interface WakeCallsDeps {
  readonly wake: Wake;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly longestWait: (call: WakeCall) => WaitedFor | null;
  readonly onFailed: (call: WakeCall, error: AppError) => void;
}

export class WakeCalls {
  readonly #deps: WakeCallsDeps;
  /** Null: nothing has been told yet. */
  readonly #pending = new Map<string, WakeCourse | null>();
  readonly #cooldowns = new Map<string, Cooldown>();

  constructor(deps: WakeCallsDeps) {
    this.#deps = deps;
  }

  /** Does nothing while the last such call is unanswered; fails at once while the last failure is fresh. */
  want(call: WakeCall): void {
    const key = keyOf(call);
    if (this.#pending.has(key)) return;
    const { wake, longestWait, onFailed } = this.#deps;
    const refusal = this.#refusal(key, call.name);
    if (refusal !== null) return onFailed(call, refusal);
    this.#pending.set(key, null);
    const tell = (course: WakeCourse): void => void this.#pending.set(key, course);
    wake(call, { longest: () => longestWait(call), tell }).then(
      () => {
        this.#pending.delete(key);
        this.#cooldowns.delete(key);
      },
      (error: unknown) => {
        this.#pending.delete(key);
        onFailed(call, this.#coolDown(key, asAppError(error)));
      },
    );
  }

  /** Something of it has been mended, or it is up: what failed before says nothing any more. */
  forgive(call: WakeCall): void {
    this.#cooldowns.delete(keyOf(call));
  }

  /** Null for what is not called, or has told nothing yet. */
  courseOf(call: WakeCall): WakeCourse | null {
    return this.#pending.get(keyOf(call)) ?? null;
  }

  #coolDown(key: string, error: AppError): AppError {
    const cooldown = cooldownAfter(this.#cooldowns.get(key) ?? null, error, this.#deps.clock.monotonic());
    if (cooldown !== null) this.#cooldowns.set(key, cooldown);
    return error;
  }

  #refusal(key: string, name: string): AppError | null {
    const cooldown = this.#cooldowns.get(key);
    return cooldown === undefined ? null : cooldownError(name, cooldown, this.#deps.clock.monotonic());
  }
}

function keyOf({ kind, name }: WakeCall): string {
  return `${kind} ${name}`;
}
