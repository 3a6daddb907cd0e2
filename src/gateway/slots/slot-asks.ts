/** What is asked of the owner of the slots, what it answers, and what it is told. No behaviour. */

import type { AppError, InstanceReport } from '../../contract/index.ts';
import type { Refusal } from '../door/refusals.ts';
import type { ForecastQuality } from '../forecast/forecast-errors.ts';
import type { Breaker, CallVerdict } from '../placing/breaker.ts';
import type { EngineAddress } from '../placing/instance-mirror.ts';
import type { PlacementHints } from '../placing/placement-hints.ts';
import type { Waiting } from '../queue/tiers.ts';
import type { AffinityCounts, RequestClass, WaitingView } from '../types.ts';
import type { WakeCall } from '../waking/wake-calls.ts';
import type { SlotHold } from './slots.ts';

/** What somebody who wants a slot says. Times are monotonic milliseconds. */
export interface SlotAsk {
  readonly id: string;
  /** Instance name, alias or catalogue id. */
  readonly model: string;
  readonly key: string;
  readonly class: RequestClass;
  readonly cost: number;
  readonly arrivedAt: number;
  readonly expiresAt: number | null;
  /** By when its answer must be there: it is not let in where it could not even begin by then. */
  readonly deadlineAt?: number | null;
  readonly contextTokens: number | null;
  readonly avoid: ReadonlySet<string>;
  /** Where it wants to run, and with what it belongs together. */
  readonly hints?: PlacementHints;
  /** Called when it waits or has been given a slot. */
  readonly onAdmitted?: (() => void) | undefined;
}

/** A slot of one instance, held until `release`. */
export interface InstanceLease {
  readonly engine: EngineAddress;
  /** Names the process; another one after a restart. */
  isHeld(): boolean;
  /** How to ask for the slot while batch work is done in it; false: not now. Never asked of interactive work. */
  onGiveWay(giveWay: () => boolean): void;
  /** The engine was left in the middle: the slot comes back as soon as it lets go. */
  leave(): void;
  /** `cost` in tokens corrects what the key was charged; null: nothing was used. Further calls do nothing. */
  release(cost: number | null): void;
}

export type SlotAnswer =
  | { readonly kind: 'leased'; readonly lease: InstanceLease }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export interface Pending {
  readonly ask: SlotAsk;
  readonly answer: (answer: SlotAnswer) => void;
}

export type Message =
  | { readonly kind: 'asked'; readonly pending: Pending }
  | { readonly kind: 'withdrawn'; readonly id: string }
  | { readonly kind: 'released'; readonly hold: SlotHold; readonly request: Waiting; readonly cost: number | null }
  | { readonly kind: 'suspected'; readonly instance: string }
  | { readonly kind: 'judged'; readonly instance: string; readonly verdict: CallVerdict }
  | { readonly kind: 'instances-set'; readonly reports: readonly InstanceReport[] }
  | { readonly kind: 'instance-reported'; readonly report: InstanceReport }
  | { readonly kind: 'instance-gone'; readonly name: string }
  | { readonly kind: 'directory-changed' }
  /** Its entry in the catalogue: other files, or found to be there, or gone. */
  | { readonly kind: 'model-changed'; readonly model: string }
  /** What was asked to get up did not. */
  | { readonly kind: 'not-woken'; readonly call: WakeCall; readonly error: AppError }
  /** It makes room for another model, or does so no more. */
  | { readonly kind: 'held-back'; readonly instance: string; readonly isLeaving: boolean }
  /** Somebody wants to know when no slot of it is held. */
  | { readonly kind: 'idle-awaited'; readonly instance: string; readonly answer: () => void }
  | { readonly kind: 'woke' };

export interface DispatcherPicture {
  readonly waiting: readonly WaitingView[];
  readonly slots: Readonly<Record<string, { readonly busy: number; readonly total: number }>>;
  readonly breakers: Readonly<Record<string, Breaker['kind']>>;
  readonly affinity: AffinityCounts;
  readonly serviceMs: (model: string) => number | null;
  readonly forecast: ForecastQuality;
}
