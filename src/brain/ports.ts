/**
 * What the brain needs from its neighbours, declared here and given to it by the composition root. No behaviour.
 */

import type { AgentFrame, AttemptRef, DeviceReport, FailureClass, Grant } from '../contract/index.ts';

/** The way to the agents; the fleet implements it. Nothing here waits for an agent's answer: answers are events. */
export interface AgentPort {
  /** Hosts with a live link. */
  connected(): readonly string[];
  /** The last report of a host's devices; empty when it never reported. */
  devices(host: string): readonly DeviceReport[];
  grant(host: string, grants: readonly Grant[]): void;
  signal(host: string, attempt: AttemptRef, signal: 'abort' | 'kill'): void;
}

export interface GenerateRequest {
  readonly model: string;
  readonly prompt: string;
  readonly system?: string;
  /** Fields of a chat completion body: `max_tokens`, `temperature`. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly class: 'batch';
  readonly signal: AbortSignal;
}

export type GenerateResult =
  | {
      readonly kind: 'done';
      readonly text: string;
      readonly tokensIn: number;
      readonly tokensOut: number;
      readonly instance: string;
      readonly device: string;
    }
  | {
      readonly kind: 'failed';
      readonly class: FailureClass;
      readonly message: string;
      readonly retryAfterMs?: number;
    };

export interface SlotRequest {
  readonly model: string;
  readonly class: 'batch';
  readonly signal: AbortSignal;
}

/** A slot held for one attempt; `token` opens the front door for that attempt alone until `release`. */
export interface SlotLease {
  readonly instance: string;
  readonly model: string;
  /** The front door with `/v1`. */
  readonly url: string;
  readonly token: string;
  release(): void;
}

/** What the models can take now. It informs how much is handed over; the gateway's queue decides. */
export interface ModelCapacity {
  /** Slots of the ready instances that serve the model, busy ones included. */
  readonly slots: number;
  /** Why there are none, for people; null when there are some. */
  readonly reason: string | null;
}

/** The way to the models; the gateway implements it. */
export interface InferencePort {
  capacity(model: string): ModelCapacity;
  generate(request: GenerateRequest): Promise<GenerateResult>;
  /** Rejects when the signal aborts or the slot cannot be had. */
  acquireSlot(request: SlotRequest): Promise<SlotLease>;
}

type Frame<K extends AgentFrame['kind']> = Extract<AgentFrame, { readonly kind: K }>;

/** What the brain reads of an agent's frames. */
export type AgentHello = Pick<Frame<'hello'>, 'host' | 'epoch' | 'attempts' | 'outcomes'>;
export type StartedReport = Omit<Frame<'started'>, 'kind'>;
export type DeclinedReport = Omit<Frame<'declined'>, 'kind'>;

/** The answer to a hello, for the `welcome` frame. */
export interface HelloAnswer {
  readonly revoke: readonly AttemptRef[];
  readonly acknowledged: readonly AttemptRef[];
}

/** The names that plans may use for models: instances, aliases and the catalogue's ids. */
export interface CataloguePort {
  modelNames(): Promise<readonly string[]>;
}
