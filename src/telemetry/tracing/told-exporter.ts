/** An exporter whose failures are told in the log: the first one, and that it works again. */

import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

import { asAppError } from '../../contract/index.ts';
import type { Log } from '../../kernel/index.ts';

type Done = Parameters<SpanExporter['export']>[1];

/** `ExportResultCode.SUCCESS` of a package that is not ours to import. */
const SENT = 0;

export class ToldExporter implements SpanExporter {
  readonly #inner: SpanExporter;
  readonly #log: Log;
  readonly #assertMaySend: () => void;
  #works = true;

  constructor(inner: SpanExporter, log: Log, assertMaySend: () => void) {
    this.#inner = inner;
    this.#log = log;
    this.#assertMaySend = assertMaySend;
  }

  export(spans: ReadableSpan[], done: Done): void {
    const end = (error: Error | null): void => {
      this.#tell(error);
      // Spans that were not sent are lost, and that is told: nobody else has to fail of it.
      done({ code: SENT });
    };
    try {
      this.#assertMaySend();
    } catch (error) {
      return end(asAppError(error));
    }
    this.#inner.export(spans, ({ error }) => end(error ?? null));
  }

  shutdown(): Promise<void> {
    return this.#inner.shutdown();
  }

  #tell(error: Error | null): void {
    const works = error === null;
    if (works !== this.#works && works) this.#log.info({}, 'traces are sent again');
    if (works !== this.#works && !works) this.#log.warn({ err: error }, 'traces are not sent');
    this.#works = works;
  }
}
