/**
 * An HTTP response as the sink of an answer: its head and headers, comments while there is nothing to say, errors in
 * their place. How errors and comments look is the protocol's; what is sent is the engine's; its pace is `reader-pace.ts`.
 */

import type { ServerResponse } from 'node:http';

import type { AppError } from '../../contract/errors.ts';
import type { Clock } from '../../kernel/index.ts';
import type { SentHead } from '../inspect/request-book.ts';
import type { EngineAddress } from '../placing/instance-mirror.ts';
import type { Started, Wait, WireProtocol } from '../protocols/call.ts';
import { engineError } from '../relay/engine-error.ts';
import { ReaderPace } from '../relay/reader-pace.ts';
import type { ReplySink } from '../relay/ending.ts';

interface ReplyPlan {
  readonly response: ServerResponse;
  readonly requestId: string;
  /** When the body had been read, monotonic milliseconds. */
  readonly receivedAt: number;
  readonly stream: boolean;
  readonly protocol: WireProtocol;
  readonly clock: Clock;
  readonly limits: { readonly holdMs: number; readonly keepAliveMs: number; readonly stalledReaderMs: number };
  /** For keep-alives. */
  readonly wait: () => Wait;
  readonly headSent: (head: SentHead) => void;
  /** Hears the body of the answer; null when nobody listens. */
  readonly onBytes: ((piece: Buffer | string) => void) | null;
  /** The reader takes nothing any more. */
  readonly onStalled: () => void;
}

/** `open`: no head yet. `kept-alive`: 200 and comments. `answering`: the engine's bytes. */
type Phase = 'open' | 'kept-alive' | 'answering' | 'over';

export class HttpReply implements ReplySink {
  readonly #plan: ReplyPlan;
  #phase: Phase = 'open';
  #placed: (Started & { readonly at: number }) | null = null;
  #keepAlive: Disposable | null = null;
  readonly #reader: ReaderPace;

  constructor(plan: ReplyPlan) {
    this.#plan = plan;
    const { response, clock, limits } = plan;
    const onStalled = (): void => {
      plan.onStalled();
      this.#dispose();
    };
    this.#reader = new ReaderPace({ response, clock, stalledReaderMs: limits.stalledReaderMs, onStalled });
    if (plan.stream) this.#keepAlive = plan.clock.after(plan.limits.holdMs, () => this.#comment());
    plan.response.once('close', () => this.#dispose());
  }

  /** Bytes accepted and not yet taken by the reader. */
  get bufferedBytes(): number {
    return this.#reader.bufferedBytes;
  }

  placed(engine: EngineAddress, queueMs: number, attempts: number): void {
    this.#placed = { instance: engine.instance, queueMs, attempts, at: this.#plan.clock.monotonic() };
  }

  answer(status: number, contentType: string, body: Buffer): void {
    if (this.#phase === 'kept-alive') return this.#answerWithin(status, body);
    this.#head(status, { 'content-type': contentType, 'content-length': String(body.length), ...adviceOn(status) });
    this.#end(body);
  }

  begin(status: number, contentType: string): void {
    this.#keepAlive?.[Symbol.dispose]();
    const { protocol, stream } = this.#plan;
    if (this.#phase === 'open') this.#head(status, stream ? protocol.streamHeaders : { 'content-type': contentType });
    else if (this.#phase === 'kept-alive') this.#tellStart();
    this.#phase = 'answering';
  }

  write(bytes: Buffer): boolean {
    this.#plan.onBytes?.(bytes);
    return this.#phase === 'over' || this.#reader.write(bytes);
  }

  onDrained(resume: () => void): void {
    this.#reader.onDrained(resume);
  }

  end(): void {
    this.#end();
  }

  fail(error: AppError): void {
    const { protocol, response, stream } = this.#plan;
    if (this.#phase === 'over' || response.destroyed) return this.#dispose();
    if (this.#phase === 'open') {
      const { status, headers, body } = protocol.renderError(error);
      this.#head(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
      return this.#end(body);
    }
    const apart = this.#reader.isWithinLine ? '\n\n' : '';
    if (stream) return this.#end(apart + protocol.renderStreamError(error));
    this.#dispose();
    response.destroy();
  }

  /** A whole answer that came after the stream's head had to be sent: an error of the engine, or no stream at all. */
  #answerWithin(status: number, body: Buffer): void {
    if (status < 400) return this.#end(`data: ${body.toString('utf8').trim()}\n\ndata: [DONE]\n\n`);
    this.#end(this.#plan.protocol.renderStreamError(engineError(status, body.toString('utf8'))));
  }

  #tellStart(): void {
    const text = this.#placed === null ? '' : this.#plan.protocol.renderStarted(this.#placed);
    // An empty chunk would be the end.
    if (text !== '') this.#reader.write(Buffer.from(text));
  }

  #comment(): void {
    const { clock, limits, wait, protocol, response } = this.#plan;
    if (this.#phase === 'open') this.#head(200, protocol.streamHeaders);
    this.#phase = 'kept-alive';
    response.write(protocol.renderKeepAlive(wait()));
    this.#keepAlive = clock.after(limits.keepAliveMs, () => this.#comment());
  }

  #head(status: number, headers: Readonly<Record<string, string>>): void {
    const overheadMs = this.#overheadMs();
    this.#plan.headSent({ status, overheadMs });
    this.#setOwnHeaders(overheadMs);
    this.#plan.response.writeHead(status, headers);
  }

  /** Null before a slot was given. */
  #overheadMs(): number | null {
    if (this.#placed === null) return null;
    const { at, queueMs } = this.#placed;
    return Math.max(0, at - this.#plan.receivedAt - queueMs);
  }

  #setOwnHeaders(overheadMs: number | null): void {
    const { response, requestId } = this.#plan;
    response.setHeader('x-request-id', requestId);
    if (this.#placed === null || overheadMs === null) return;
    const { instance, queueMs, attempts } = this.#placed;
    response.setHeader('x-drover-instance', instance);
    response.setHeader('x-drover-queue-ms', queueMs.toFixed(1));
    response.setHeader('x-drover-overhead-ms', overheadMs.toFixed(1));
    response.setHeader('x-drover-attempts', String(attempts));
  }

  #end(last?: Buffer | string): void {
    this.#dispose();
    if (last !== undefined) this.#plan.onBytes?.(last);
    this.#reader.end(last);
  }

  #dispose(): void {
    this.#phase = 'over';
    this.#keepAlive?.[Symbol.dispose]();
  }
}

/** What an engine was not made for it will not do at the second try: SDKs retry each 5xx that says nothing else. */
function adviceOn(status: number): Readonly<Record<string, string>> {
  return status === 501 ? { 'x-should-retry': 'false' } : {};
}
