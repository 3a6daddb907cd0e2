/** A collector of OpenTelemetry that takes traces over HTTP, and lets a test look at their spans. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  /** In nanoseconds, as text. */
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly status: { readonly code?: number; readonly message?: string };
}

export interface Collector extends AsyncDisposable {
  /** For the setting `otlp_endpoint`. */
  readonly endpoint: string;
  /** The spans so far, in the order in which they came. */
  spans(): readonly SeenSpan[];
  /** Names of the services that sent them. */
  services(): readonly string[];
  /** Of the span's direct parts, by name. */
  partsOf(span: SeenSpan): readonly string[];
}

interface Sent {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: SeenSpan['attributes'] };
    readonly scopeSpans: readonly { readonly spans: readonly SeenSpan[] }[];
  }[];
}

export async function openCollector(): Promise<Collector> {
  const batches: Sent[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const known = request.method === 'POST' && request.url === '/v1/traces';
      if (known) batches.push(JSON.parse(Buffer.concat(pieces).toString('utf8')) as Sent); // OTLP in JSON
      response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const resources = (): Sent['resourceSpans'] => batches.flatMap(({ resourceSpans }) => resourceSpans);
  const spans = (): readonly SeenSpan[] =>
    resources().flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // a TCP server has an AddressInfo
    spans,
    services: () =>
      resources().flatMap(({ resource }) =>
        resource.attributes.flatMap(({ key, value }) => (key === 'service.name' ? [String(value['stringValue'])] : [])),
      ),
    partsOf: ({ spanId }) =>
      spans()
        .filter(({ parentSpanId }) => parentSpanId === spanId)
        .map(({ name }) => name)
        .toSorted(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
