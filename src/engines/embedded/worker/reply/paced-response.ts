/**
 * A stream of events to a client, with pace: a reader that is behind holds its generations, and one that does not read
 * at all is cut off. Owns the response from its first byte on.
 */

import type { ServerResponse } from 'node:http';

import type { Clock } from '../../../../kernel/index.ts';
import { asApiError } from '../api-error.ts';
import type { Ticket } from '../batching/batch-loop.ts';
import { sendJson } from '../http.ts';

/** Unread bytes that we keep for a client. */
const MOST_UNREAD = 256 * 1024;
/** Shorter than the time after which a supervisor takes a slot that does not advance for a hung engine. */
const READER_LIMIT_MS = 30_000;

export class PacedResponse {
  readonly #response: ServerResponse;
  readonly #clock: Pick<Clock, 'after'>;
  #tickets: readonly Ticket[] = [];
  #held = false;

  constructor(response: ServerResponse, clock: Pick<Clock, 'after'>) {
    this.#response = response;
    this.#clock = clock;
  }

  /** The generations behind this stream: held while it is behind, cancelled when the client leaves. */
  paces(tickets: readonly Ticket[]): void {
    this.#tickets = tickets;
    const cancel = (): void => tickets.forEach((ticket) => ticket.cancel());
    if (this.#response.destroyed) cancel();
    else this.#response.once('close', cancel);
  }

  /** Headers go out with the first event, so that what fails before it still has its own status. */
  write(events: string): void {
    this.#begin();
    this.#response.write(events);
    if (!this.#held && this.#response.writableLength > MOST_UNREAD) this.#hold();
  }

  end(events: string): void {
    this.#begin();
    this.#response.end(events);
  }

  /** `event` is what tells the error to a client that already reads. */
  fail(error: unknown, event: (body: object) => string): void {
    const known = asApiError(error);
    if (this.#response.headersSent) this.#response.end(event(known.toBody()));
    else sendJson(this.#response, known.status, known.toBody());
  }

  #begin(): void {
    if (this.#response.headersSent) return;
    this.#response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
  }

  #hold(): void {
    this.#held = true;
    for (const ticket of this.#tickets) ticket.hold();
    const limit = this.#clock.after(READER_LIMIT_MS, () => this.#response.destroy());
    this.#response.once('close', () => limit[Symbol.dispose]());
    this.#response.once('drain', () => {
      limit[Symbol.dispose]();
      this.#held = false;
      for (const ticket of this.#tickets) ticket.goOn();
    });
  }
}
