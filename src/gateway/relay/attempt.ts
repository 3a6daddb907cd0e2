/**
 * One try of one request on one engine: the answer's bytes go to a sink as they come. Nothing reaches the sink before
 * there is content, so that a try which fails earlier can be made elsewhere. Owns no slot and knows no queue.
 */

import type { IncomingHttpHeaders } from 'node:http';

import type { AppError } from '../../contract/errors.ts';
import { NO_USAGE } from '../inspect/request-state.ts';
import type { EngineAddress } from '../placing/instance-mirror.ts';
import { JSON_TYPE } from '../protocols/call.ts';
import type { EngineCall, Fold } from '../protocols/call.ts';
import type { Usage } from '../types.ts';
import { beyondEngine, isEnginesFault, isGarbled } from './engine-error.ts';
import { FrameAligner, hasContent } from './sse-frames.ts';
import { streamErrorIn } from './stream-error.ts';
import type { StreamError } from './stream-error.ts';
import type { AnswerReader, UpstreamCall, Upstreams } from './upstream.ts';
import { readUsage, UsageObserver } from './usage.ts';

/** Where an answer goes. */
export interface AnswerSink {
  /** A complete answer. */
  answer(status: number, contentType: string, body: Buffer): void;
  /** The first bytes of a long one. */
  begin(status: number, contentType: string): void;
  /** False when the reader is behind: nothing more until `onDrained` has called back. */
  write(bytes: Buffer): boolean;
  onDrained(resume: () => void): void;
  end(): void;
}

interface AttemptPlan {
  readonly engine: EngineAddress;
  readonly call: EngineCall;
  readonly stream: boolean;
  readonly sink: AnswerSink;
  /** Destroys the connection to the engine at once. */
  readonly signal: AbortSignal;
  /** The first content is about to reach the sink. */
  readonly onContent: () => void;
  /** So many frames have just been passed on: about one token each. */
  readonly onFrames: (count: number) => void;
}

/** `gave-way`: it was batch work, and interactive work needed the slot. */
type Because = 'refused' | 'reset' | 'loading' | 'key' | 'gave-way';

/** How a try ends. */
export type AttemptOutcome =
  /** The engine's own answer was passed on whole, an error of its own included. */
  | { readonly kind: 'answered'; readonly status: number; readonly usage: Usage }
  /** Nothing was passed on: the engine is sound, and cannot do what was asked. */
  | { readonly kind: 'beyond'; readonly error: AppError }
  /** Nothing was passed on; another try is possible. */
  | { readonly kind: 'movable'; readonly because: Because; readonly message: string }
  /** So too; for want of a better one the engine's own answer can still be passed on. */
  | { readonly kind: 'movable'; readonly because: 'erred'; readonly message: string; readonly passOn: () => void }
  /** It broke off after content. */
  | { readonly kind: 'broken'; readonly message: string; readonly usage: Usage }
  | { readonly kind: 'aborted'; readonly usage: Usage };

/** Bytes of a unary answer held back until it is complete; a larger one is passed on as it comes. */
const HELD_ANSWER_BYTES = 256 * 1024;
/** Bytes of a stream held back while looking for content. */
const HELD_STREAM_BYTES = 16 * 1024;
/** Of an answer that is told in a message. */
const EXCERPT_BYTES = 200;

export function attempt(plan: AttemptPlan, upstreams: Upstreams): Promise<AttemptOutcome> {
  if (plan.signal.aborted) return Promise.resolve({ kind: 'aborted', usage: NO_USAGE });
  return new Promise((resolve) => {
    const abort = (): void => call.abort(plan.signal.reason as Error); // the gateway aborts with errors only
    const relay = new Relay(plan, (outcome) => {
      plan.signal.removeEventListener('abort', abort);
      resolve(outcome);
    });
    const call = upstreams.post(plan.engine, plan.call, relay);
    relay.attach(call);
    plan.signal.addEventListener('abort', abort, { once: true });
  });
}

/** `holding` until there is content, then `passing`, then `over`. */
type Phase = 'holding' | 'passing' | 'over';

class Relay implements AnswerReader {
  readonly #plan: AttemptPlan;
  readonly #finish: (outcome: AttemptOutcome) => void;
  readonly #frames = new FrameAligner();
  readonly #usage: UsageObserver;
  #call: UpstreamCall | null = null;
  #phase: Phase = 'holding';
  #status = 0;
  /** True once an event stream has answered the wish for one. */
  #isStream = false;
  #contentType = 'application/json';
  #held: Buffer[] = [];
  #heldBytes = 0;

  constructor(plan: AttemptPlan, finish: (outcome: AttemptOutcome) => void) {
    this.#plan = plan;
    this.#usage = new UsageObserver(plan.call.streamEnd);
    this.#finish = finish;
  }

  attach(call: UpstreamCall): void {
    this.#call = call;
  }

  onHead(status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#contentType = headers['content-type'] ?? this.#contentType;
    const isAsked = this.#plan.stream || this.#plan.call.fold !== undefined;
    this.#isStream = isAsked && status === 200 && this.#contentType.startsWith('text/event-stream');
  }

  onData(bytes: Buffer): void {
    if (this.#phase === 'over') return;
    const ready = this.#isStream ? this.#frames.push(bytes) : bytes;
    if (ready === null) return;
    const error = this.#isStream ? streamErrorIn(ready) : null;
    if (error === null) this.#take(ready);
    else this.#breakOff(error);
  }

  onEnd(): void {
    if (this.#phase === 'over') return;
    this.#takeRest();
    if (this.#phase === 'passing') return this.#endStream();
    this.#endHeld(Buffer.concat(this.#held));
  }

  onError(error: Error & { readonly code?: string }): void {
    if (this.#phase === 'over') return;
    const passed = this.#phase === 'passing';
    const usage = passed ? this.#usage.usage() : NO_USAGE;
    if (this.#plan.signal.aborted) return this.#over({ kind: 'aborted', usage });
    if (passed) return this.#over({ kind: 'broken', message: error.message, usage });
    const because = error.code === 'ECONNREFUSED' || error.code === 'UND_ERR_CONNECT_TIMEOUT' ? 'refused' : 'reset';
    this.#over({ kind: 'movable', because, message: error.message });
  }

  #take(ready: Buffer): void {
    if (this.#phase === 'passing') this.#pass(ready);
    else this.#hold(ready);
  }

  /** Before content it is an answer of the engine like any other error; afterwards its words are told as ours. */
  #breakOff({ before, message, status, body }: StreamError): void {
    if (before.length > 0) this.#take(before);
    if (this.#phase === 'passing') this.#over({ kind: 'broken', message, usage: this.#usage.usage() });
    else this.#endWhole(status, JSON_TYPE, body);
    this.#call?.abort(new Error(message));
  }

  /** Of what is no whole frame only the very end is passed on: an error event must not begin within a broken line. */
  #takeRest(): void {
    const rest = this.#frames.takeRest();
    if (rest.length === 0 || !rest.includes(this.#plan.call.streamEnd)) return;
    if (this.#phase === 'passing') this.#pass(rest);
    else this.#held.push(rest);
  }

  #hold(told: Buffer): void {
    const { fold, beforeContent } = this.#plan.call;
    const bytes = (this.#isStream ? beforeContent?.(told) : null) ?? told;
    if (bytes.length === 0) return;
    if (this.#isStream && fold !== undefined) return this.#foldIn(bytes, fold);
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#isStream ? this.#streamHasBegun(bytes) : this.#heldBytes > HELD_ANSWER_BYTES) this.#beginPassing();
  }

  /** Nothing is passed on before the end, so that another try is possible until then. */
  #foldIn(bytes: Buffer, fold: Fold): void {
    this.#plan.onFrames(this.#usage.see(bytes));
    fold.push(bytes);
  }

  #streamHasBegun(latest: Buffer): boolean {
    return this.#heldBytes > HELD_STREAM_BYTES || hasContent(latest);
  }

  #beginPassing(): void {
    const held = Buffer.concat(this.#held);
    this.#held = [];
    this.#phase = 'passing';
    this.#plan.onContent();
    this.#plan.sink.begin(this.#status, this.#contentType);
    this.#pass(held);
  }

  #pass(bytes: Buffer): void {
    this.#plan.onFrames(this.#usage.see(bytes));
    if (this.#plan.sink.write(bytes)) return;
    this.#call?.pause();
    this.#plan.sink.onDrained(() => this.#call?.resume());
  }

  #endStream(): void {
    const usage = this.#usage.usage();
    if (this.#isStream && !this.#usage.sawEnd()) {
      return this.#over({ kind: 'broken', message: 'the stream ended before its last event', usage });
    }
    this.#plan.sink.end();
    this.#over({ kind: 'answered', status: this.#status, usage });
  }

  #endHeld(body: Buffer): void {
    if (this.#status === 503) return this.#over({ kind: 'movable', because: 'loading', message: excerpt(503, body) });
    if (this.#status === 401) return this.#over({ kind: 'movable', because: 'key', message: 'it refused our key' });
    const { fold } = this.#plan.call;
    if (this.#isStream && fold !== undefined) {
      if (body.length > 0) this.#foldIn(body, fold);
      const whole = fold.end();
      if (whole !== null) return this.#endWhole(200, JSON_TYPE, whole);
    }
    if (this.#isStream)
      return this.#over({ kind: 'movable', because: 'reset', message: 'the stream ended without content' });
    this.#endWhole(this.#status, this.#contentType, body);
  }

  #endWhole(status: number, contentType: string, body: Buffer): void {
    const error = beyondEngine(this.#plan.call.path, status, body);
    if (error !== null) return this.#over({ kind: 'beyond', error });
    if (isGarbled(this.#plan.call.path, status, body)) {
      const message = `it answered ${contentType} that is no JSON: ${excerptOf(body)}`;
      return this.#over({ kind: 'movable', because: 'reset', message });
    }
    const passOn = (): void => {
      this.#plan.onContent();
      this.#plan.sink.answer(status, contentType, body);
    };
    if (isEnginesFault(status)) {
      return this.#over({ kind: 'movable', because: 'erred', message: excerpt(status, body), passOn });
    }
    passOn();
    this.#over({ kind: 'answered', status, usage: readUsage(body) ?? NO_USAGE });
  }

  #over(outcome: AttemptOutcome): void {
    this.#phase = 'over';
    this.#finish(outcome);
  }
}

function excerpt(status: number, body: Buffer): string {
  return `it answered ${status}: ${excerptOf(body)}`;
}

function excerptOf(body: Buffer): string {
  return body.length === 0 ? 'nothing' : body.toString('utf8', 0, EXCERPT_BYTES);
}
