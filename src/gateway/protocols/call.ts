/** A client's request, understood: what an engine gets for it, and how the engine's answer is told to the client. No behaviour. */

import type { AppError } from '../../contract/errors.ts';
import type { InstanceReport } from '../../contract/index.ts';
import type { Fields } from './fields.ts';

export type EngineKind = InstanceReport['engine'];

export interface RenderedError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Where a request stands while there is nothing to tell. */
export interface Wait {
  /** From 1; 0 when it waits no more. */
  readonly position: number;
  /** Until it begins, by what requests took lately; null before anybody knows. */
  readonly etaMs: number | null;
}

/** What the headers tell of an answer, for whoever got them while he waited. */
export interface Started {
  readonly instance: string;
  readonly queueMs: number;
  readonly attempts: number;
}

/** How errors, keep-alives and streams look in one wire protocol. */
export interface WireProtocol {
  renderError(error: AppError): RenderedError;
  /** An error within a stream that has begun. */
  renderStreamError(error: AppError): string;
  renderKeepAlive(wait: Wait): string;
  /** Between keep-alives and answer; empty where the protocol has no words for it. */
  renderStarted(started: Started): string;
  /** Headers of a streamed answer. */
  readonly streamHeaders: Readonly<Record<string, string>>;
}

/** An answer of an engine in the client's words. Made for one try; its stream is told in order. */
export interface Telling {
  /** A whole answer of status 200. */
  whole(body: Buffer): Buffer;
  /** Bytes of the engine's event stream, cut anywhere. */
  push(bytes: Buffer): Buffer;
  /** What is left to tell when the engine's stream has ended as it should. */
  end(): Buffer;
}

/** One whole answer out of an event stream. Made for one try. */
export interface Fold {
  /** Whole frames. */
  push(frames: Buffer): void;
  /** Null when the stream broke off. */
  end(): Buffer | null;
}

export interface EngineCall {
  readonly path: string;
  readonly contentType: string;
  readonly body: Buffer;
  /** What the last frame of a complete event stream holds. */
  readonly streamEnd: string;
  /** Null: the engine's bytes are the client's. */
  readonly telling: Telling | null;
  /** The engine streams what the client gets whole. */
  readonly fold?: Fold;
  /** Takes out of frames before the first content what the client has not asked for. */
  readonly beforeContent?: (frames: Buffer) => Buffer;
}

export interface ClientCall {
  readonly model: string;
  readonly stream: boolean;
  /** Limit of generated tokens; null when the client set none. */
  readonly maxTokens: number | null;
  readonly wire: WireProtocol;
  /** The body, which tells of what conversation it is a part; null for what is part of none. */
  readonly conversation: Fields | null;
  /** Asked anew for each try. */
  forEngine(kind: EngineKind): EngineCall;
}

export type ParsedCall =
  | { readonly kind: 'ok'; readonly call: ClientCall }
  | { readonly kind: 'invalid'; readonly error: AppError };

export const JSON_TYPE = 'application/json';

export const SSE_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const;
