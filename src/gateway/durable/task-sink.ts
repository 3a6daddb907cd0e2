/** Takes an engine's answer to a task: what it says becomes events, and how it ended is kept for the one who asks. */

import { AppError } from '../../contract/errors.ts';
import type { Clock } from '../../kernel/index.ts';
import type { EngineAddress } from '../placing/instance-mirror.ts';
import { eventsOfWhole } from '../protocols/chat/chat-answer.ts';
import { ChatEventReader, NO_CHAT_USAGE } from '../protocols/chat/chat-events.ts';
import type { ChatEvent } from '../protocols/chat/chat-events.ts';
import { parseFields } from '../protocols/fields.ts';
import { engineError } from '../relay/engine-error.ts';
import type { ReplySink } from '../relay/ending.ts';
import { readUsage } from '../relay/usage.ts';
import type { EventLog } from './event-log.ts';

export type TaskOutcome =
  | { readonly kind: 'done'; readonly totals: AnswerTotals }
  | { readonly kind: 'failed'; readonly error: AppError };

interface AnswerTotals {
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly decodeMs: number;
  /** From the acceptance; null when there was none. */
  readonly firstTokenMs: number | null;
  readonly stopReason: string;
}

interface TaskSinkDeps {
  readonly log: EventLog;
  readonly clock: Clock;
  /** Monotonic time of the acceptance. */
  readonly acceptedAt: number;
  /** False: the whole answer is one event. */
  readonly isGenerated: boolean;
}

const MEASURE_EVERY_MS = 250;

export class TaskSink implements ReplySink {
  readonly #deps: TaskSinkDeps;
  #reader = new ChatEventReader();
  /** Of an answer that is no event stream; null while one passes. */
  #pieces: Buffer[] | null = null;
  #placed: { readonly instance: string; readonly at: number } | null = null;
  #outcome: TaskOutcome | null = null;
  #tokens = 0;
  #usage = NO_CHAT_USAGE;
  #decodeMs: number | null = null;
  #stopReason = 'stop';
  #firstAt: number | null = null;
  #lastAt = 0;
  #measuredAt = 0;

  constructor(deps: TaskSinkDeps) {
    this.#deps = deps;
  }

  get outcome(): TaskOutcome {
    return this.#outcome ?? { kind: 'failed', error: new AppError('ENGINE_FAILED', 'no answer was given') };
  }

  /** Where it runs or ran last; null before. */
  get instance(): string | null {
    return this.#placed?.instance ?? null;
  }

  get tokens(): number {
    return this.#tokens;
  }

  /** In a slot, until now. */
  get slotMs(): number {
    return this.#placed === null ? 0 : this.#deps.clock.monotonic() - this.#placed.at;
  }

  placed({ instance }: EngineAddress, queueMs: number): void {
    this.#placed = { instance, at: this.#deps.clock.monotonic() };
    this.#deps.log.append('started', { instance, queue_wait_ms: Math.round(queueMs) });
  }

  begin(_status: number, contentType: string): void {
    this.#pieces = contentType.startsWith('text/event-stream') ? null : [];
  }

  write(bytes: Buffer): boolean {
    if (this.#pieces !== null) this.#pieces.push(bytes);
    else for (const event of this.#reader.push(bytes)) this.#hear(event);
    return true;
  }

  onDrained(resume: () => void): void {
    resume();
  }

  end(): void {
    if (this.#pieces !== null) return this.answer(200, '', Buffer.concat(this.#pieces));
    this.#finish();
  }

  answer(status: number, _contentType: string, body: Buffer): void {
    if (status >= 400) return this.fail(engineError(status, body.toString('utf8')));
    if (this.#deps.isGenerated) for (const event of eventsOfWhole(body)) this.#hear(event);
    else this.#tellResult(body);
    this.#finish();
  }

  fail(error: AppError): void {
    this.#outcome ??= { kind: 'failed', error };
  }

  #tellResult(body: Buffer): void {
    this.#deps.log.append('result', parseFields(body) ?? {});
    this.#usage = { ...NO_CHAT_USAGE, tokensIn: readUsage(body)?.tokensIn ?? 0 };
  }

  #hear(event: ChatEvent): void {
    switch (event.kind) {
      case 'text':
        return this.#tell({ t: event.text, i: this.#tokens });
      case 'thought':
        return this.#tell({ t: event.text, i: this.#tokens, thought: true });
      case 'finished':
        this.#stopReason = event.reason;
        return;
      case 'counted':
        this.#usage = event.usage;
        return;
      case 'timed':
        this.#decodeMs = event.timings.predictedMs;
        return;
      default: // which model it was, and tools, which a task has none of
    }
  }

  #tell(token: { readonly t: string; readonly i: number; readonly thought?: true }): void {
    const now = this.#deps.clock.monotonic();
    this.#tokens++;
    this.#firstAt ??= now;
    this.#lastAt = now;
    this.#deps.log.append('token', token);
    if (now - this.#measuredAt >= MEASURE_EVERY_MS) this.#measure(now, this.#firstAt);
  }

  #measure(now: number, firstAt: number): void {
    this.#measuredAt = now;
    const seconds = (now - firstAt) / 1_000;
    this.#deps.log.measure({
      tokens_out: this.#tokens,
      tokens_per_second: seconds === 0 ? 0 : Math.round(((this.#tokens - 1) / seconds) * 10) / 10,
      elapsed_ms: Math.round(now - this.#deps.acceptedAt),
    });
  }

  #finish(): void {
    const totals: AnswerTotals = {
      tokensIn: this.#usage.tokensIn,
      tokensOut: this.#usage.tokensOut || this.#tokens,
      decodeMs: Math.round(this.#decodeMs ?? (this.#firstAt === null ? 0 : this.#lastAt - this.#firstAt)),
      firstTokenMs: this.#firstAt === null ? null : Math.round(this.#firstAt - this.#deps.acceptedAt),
      stopReason: this.#stopReason,
    };
    this.#outcome ??= { kind: 'done', totals };
  }
}
