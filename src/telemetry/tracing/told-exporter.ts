/** An exporter whose failures are told in the log: the first one, and that it works again. */

import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

import type { Log } from '../../kernel/index.ts';

type Done = Parameters<SpanExporter['export']>[1];

/** `ExportResultCode.SUCCESS` of a package that is not ours to import. */
const SENT = 0;

export class ToldExporter implements SpanExporter {
  readonly #inner: SpanExporter;
  readonly #log: Log;
  #works = true;

  constructor(inner: SpanExporter, log: Log) {
    this.#inner = inner;
    this.#log = log;
  }

  export(spans: ReadableSpan[], done: Done): void {
    this.#inner.export(spans, (result) => {
      this.#tell(result.error ?? null);
      // The spans are lost, and that is told: nobody else has to fail of it.
      done({ code: SENT });
    });
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
