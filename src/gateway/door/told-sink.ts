/** A sink between an engine and a client who speak different protocols: what is written goes through a telling. */

import { JSON_TYPE } from '../protocols/call.ts';
import type { Telling } from '../protocols/call.ts';
import type { WireProtocol } from '../protocols/call.ts';
import type { AnswerSink } from '../relay/attempt.ts';
import { engineError } from '../relay/engine-error.ts';

/** The outcome is the telling's; order and pace stay those of the engine. One per try. */
export class ToldSink implements AnswerSink {
  readonly #inner: AnswerSink;
  readonly #telling: Telling;
  readonly #wire: WireProtocol;
  /** Pieces of a whole answer that came as it was made; null while an event stream passes. */
  #pieces: Buffer[] | null = null;
  #status = 200;

  constructor(inner: AnswerSink, telling: Telling, wire: WireProtocol) {
    this.#inner = inner;
    this.#telling = telling;
    this.#wire = wire;
  }

  answer(status: number, _contentType: string, body: Buffer): void {
    if (status < 400) return this.#inner.answer(status, JSON_TYPE, this.#telling.whole(body));
    const { status: told, body: text } = this.#wire.renderError(engineError(status, body.toString('utf8')));
    this.#inner.answer(told, JSON_TYPE, Buffer.from(text));
  }

  begin(status: number, contentType: string): void {
    if (contentType.startsWith('text/event-stream')) return this.#inner.begin(status, contentType);
    this.#status = status;
    this.#pieces = [];
  }

  write(bytes: Buffer): boolean {
    if (this.#pieces === null) {
      const told = this.#telling.push(bytes);
      return told.length === 0 || this.#inner.write(told);
    }
    this.#pieces.push(bytes);
    return true;
  }

  onDrained(resume: () => void): void {
    this.#inner.onDrained(resume);
  }

  end(): void {
    if (this.#pieces !== null) return this.answer(this.#status, JSON_TYPE, Buffer.concat(this.#pieces));
    this.#inner.write(this.#telling.end());
    this.#inner.end();
  }
}
