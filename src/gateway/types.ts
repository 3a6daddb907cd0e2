/** The vocabulary of the gateway: what callers hand in and what they get back. No behaviour. */

import type { DesiredState, FailureClass, InstanceReport } from '../contract/index.ts';
import type { ForecastQuality } from './forecast/forecast-errors.ts';
import type { Breaker } from './placing/breaker.ts';

/** Interactive work goes before batch work; batch work that waited long is promoted. */
export type RequestClass = 'interactive' | 'batch';

/** An instance as it was declared; what it does right now is in its report. */
export interface DirectoryInstance {
  readonly name: string;
  readonly desired: DesiredState;
  /** Catalogue id; null for a model given by path. */
  readonly modelId: string | null;
  readonly aliases: readonly string[];
  /** Takes no new requests. */
  readonly drained: boolean;
  /** Made for its model: its own name takes nothing from that of a model. */
  readonly ephemeral: boolean;
}

export interface DirectoryModel {
  readonly id: string;
  /** Epoch ms. */
  readonly registeredAt: number;
  /** Where it came from, `hf:org/repo…`: it may be asked for by that too. */
  readonly source?: string;
  readonly sizeBytes?: number;
  readonly sha256?: string | null;
  readonly architecture?: string | null;
  readonly quantisation?: string | null;
  readonly contextLength?: number | null;
  readonly parameters?: number | null;
}

/** What a model name means. Instances are named in the order of their names. */
export type Target =
  | { readonly kind: 'instance'; readonly name: string; readonly instances: readonly [DirectoryInstance] }
  | { readonly kind: 'alias' | 'model'; readonly name: string; readonly instances: readonly DirectoryInstance[] };

/** Knows every name a request may carry. Declared here, fed by the composition root. Reads are cheap and synchronous. */
export interface ModelDirectory {
  /** Instance names first, then aliases, then catalogue ids; null when nothing has the name. */
  resolve(name: string): Target | null;
  /** Every target, one per name, sorted by name. */
  list(): readonly Target[];
  /** What the catalogue knows of the model; null for what is no catalogue id. */
  model(id: string): DirectoryModel | null;
  /** Why a name that is to mean something means nothing, for people; null for any other name. */
  lacking(name: string): string | null;
}

export interface GenerateCall {
  /** Instance name, alias or catalogue id. */
  readonly model: string;
  readonly prompt: string;
  readonly system?: string | undefined;
  /** Fields of a chat completion body, passed on as they are: `max_tokens`, `temperature`, `seed` … */
  readonly params: Readonly<Record<string, unknown>>;
  readonly class: RequestClass;
  readonly signal: AbortSignal;
}

export type GenerateResult =
  | {
      readonly kind: 'done';
      readonly text: string;
      /** It ended at `max_tokens`, not by itself. */
      readonly cutOff?: boolean;
      readonly tokensIn: number;
      readonly tokensOut: number;
      readonly instance: string;
      /** Device ids joined by commas. */
      readonly device: string;
    }
  | {
      readonly kind: 'failed';
      readonly class: FailureClass;
      readonly message: string;
      readonly retryAfterMs?: number;
    };

export interface SlotCall {
  readonly model: string;
  readonly class: RequestClass;
  readonly signal: AbortSignal;
}

/** A slot held for a caller outside: calls that carry `token` as their key run in it, one at a time. */
export interface SlotLease {
  readonly instance: string;
  readonly model: string;
  /** Base URL of the OpenAI API, with `/v1`. */
  readonly url: string;
  readonly token: string;
  /** By which the slot can be held on after a death of the controller. */
  readonly tokenHash: string;
  /** Gives the slot back and ends the token; further calls do nothing. */
  release(): void;
}

/** A slot whose token a caller has had from an earlier life of the controller. */
export interface RestoredSlot {
  readonly instance: string;
  readonly tokenHash: string;
}

/** What a model can take. It informs how much is handed over; the queue decides. */
export interface ModelCapacity {
  /** Slots of the ready instances that serve the model, busy ones included; those to come while it sleeps. */
  readonly slots: number;
  /** Why there are none, for people; null when there are some. */
  readonly reason: string | null;
  /** Tokens of one request that the roomiest instance known takes; null when none has reported. */
  readonly contextTokens: number | null;
  /** Nothing is ready, and the slots are those of what a request would have loaded. */
  readonly isAsleep: boolean;
}

/** Tokens of one finished request, as the engine told them; counted frames where it told nothing. */
export interface Usage {
  readonly tokensIn: number;
  readonly tokensOut: number;
}

export type RequestEnding = 'done' | 'failed' | 'cancelled' | 'expired';

/** One finished request, for the ring buffer and for `onUsage`. Times are epoch ms. Holds no prompt and no answer. */
export interface RequestRecord extends Usage {
  readonly id: string;
  readonly key: string;
  readonly class: RequestClass;
  readonly model: string;
  readonly instance: string | null;
  readonly endpoint: string;
  readonly stream: boolean;
  /** The span of the caller that it belongs to, in the words of W3C. */
  readonly traceparent?: string | null;
  readonly ending: RequestEnding;
  /** Catalogue code of what ended it; null after `done`. */
  readonly code: string | null;
  /** HTTP status that was sent; null when none was. */
  readonly status: number | null;
  readonly arrivedAt: number;
  readonly endedAt: number;
  readonly queueMs: number;
  /** From the request's last byte to the asked engine, waiting aside; null when none was asked or nobody was told. */
  readonly overheadMs: number | null;
  /** From the arrival to the first content byte; null when there was none. */
  readonly firstByteMs: number | null;
  readonly durationMs: number;
  readonly attempts: number;
}

export interface WaitingView {
  readonly id: string;
  readonly model: string;
  readonly key: string;
  readonly class: RequestClass;
  readonly position: number;
  readonly waitedMs: number;
  /** Until it begins; null before anybody knows. */
  readonly startsInMs: number | null;
}

export interface GatewaySnapshot {
  readonly queued: number;
  readonly inFlight: number;
  /** One row per model name with something waiting or running. */
  readonly perModel: readonly {
    readonly model: string;
    readonly queued: { readonly interactive: number; readonly batch: number };
    readonly inFlight: number;
    /** Smoothed duration of one request in a slot; null before the first. */
    readonly serviceMs: number | null;
  }[];
  /** Slots held by requests of ours, per instance that is known. */
  readonly slots: Readonly<Record<string, { readonly busy: number; readonly total: number }>>;
  /** Whether an instance gets work: `open` while it fails what it gets, `half-open` while it is tried again. */
  readonly breakers: Readonly<Record<string, Breaker['kind']>>;
  readonly affinity: AffinityCounts;
  readonly waiting: readonly WaitingView[];
  /** How far from the truth it was what those who wait are told of their start. */
  readonly forecast: ForecastQuality;
  /** Bytes accepted from engines and not yet taken by readers. */
  readonly bufferedBytes: number;
  readonly counters: Readonly<Record<RequestEnding | 'rejected' | 'moved' | 'preempted', number>> & {
    readonly tokensIn: number;
    readonly tokensOut: number;
  };
}

/** Requests of a conversation that had a choice of instances: those that met the one with its prompt, and the others. */
export interface AffinityCounts {
  readonly home: number;
  readonly elsewhere: number;
}

/** What passes through this gateway to one instance, right now. */
export interface InstanceLoad {
  /** Slots held by requests. */
  readonly busySlots: number;
  /** Over the last ten seconds. */
  readonly tokensPerSecond: number;
}

/** What the gateway is told of the agents' instances. It informs placement; the engine has the last word. */
export interface InstanceListener {
  /** The whole picture: instances that are not in it are gone. */
  setInstances(reports: readonly InstanceReport[]): void;
  onInstance(report: InstanceReport): void;
  onInstanceGone(name: string): void;
}
