/** The end of a request: its one terminal event, and what the client is told with it. */

import type { AppError } from '../../contract/errors.ts';
import { assertNever } from '../../kernel/index.ts';
import type { Clock } from '../../kernel/index.ts';
import type { RequestLife } from '../inspect/request-book.ts';
import { NO_USAGE } from '../inspect/request-state.ts';
import type { EngineAddress } from '../placing/instance-mirror.ts';
import type { Usage } from '../types.ts';
import type { AnswerSink, AttemptOutcome } from './attempt.ts';
import { codeOf } from './engine-error.ts';
import { engineFailed } from './serve-errors.ts';
import type { Erred } from './tries.ts';

/** Where the answer goes, or the error in its stead. */
export interface ReplySink extends AnswerSink {
  /** The slot was given: what the head will say about it. */
  placed(engine: EngineAddress, queueMs: number, attempts: number): void;
  /** The last thing that is told. Before any bytes it is a status, within a stream an event, else a cut connection. */
  fail(error: AppError): void;
}

export class Ending {
  readonly #life: RequestLife;
  readonly #sink: ReplySink;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;

  /** `signal`: aborted with an AppError, which is then what is told. */
  constructor(life: RequestLife, sink: ReplySink, signal: AbortSignal, clock: Clock) {
    this.#life = life;
    this.#sink = sink;
    this.#signal = signal;
    this.#clock = clock;
  }

  /** After the last try. */
  conclude(outcome: AttemptOutcome, instance: string): void {
    switch (outcome.kind) {
      case 'answered':
        return this.#answered(outcome.status, outcome.usage);
      case 'aborted':
        return this.fail(this.#reason(), outcome.usage);
      case 'beyond':
        return this.fail(outcome.error);
      case 'movable':
        if (outcome.because === 'erred') return this.#passOn(outcome);
        return this.fail(engineFailed(instance, outcome.message, this.#life));
      case 'broken':
        return this.fail(engineFailed(instance, outcome.message, this.#life), outcome.usage);
      default:
        assertNever(outcome);
    }
  }

  /** There is no slot for it, and will be none: what an engine has said already tells more. */
  refuse(error: AppError, erred: Erred | null): void {
    if (erred === null || this.#signal.aborted) this.fail(error);
    else this.#passOn(erred);
  }

  fail(error: AppError, usage: Usage = NO_USAGE): void {
    const told = this.#signal.aborted ? this.#reason() : error;
    const at = this.#clock.monotonic();
    this.#sink.fail(told);
    if (told.code === 'ABORTED') this.#life.apply({ kind: 'cancelled', at, usage });
    else if (told.code === 'TIMEOUT' || told.code === 'DEADLINE_EXCEEDED')
      this.#life.apply({ kind: 'expired', at, code: told.code, usage });
    else this.#life.apply({ kind: 'failed', at, code: told.code, usage });
  }

  #answered(status: number, usage: Usage): void {
    const at = this.#clock.monotonic();
    if (status < 400) this.#life.apply({ kind: 'finished', at, usage });
    else this.#life.apply({ kind: 'failed', at, code: codeOf(status), usage });
  }

  #passOn(erred: Erred): void {
    erred.passOn();
    this.#answered(500, NO_USAGE);
  }

  #reason(): AppError {
    return this.#signal.reason as AppError; // by contract
  }
}
