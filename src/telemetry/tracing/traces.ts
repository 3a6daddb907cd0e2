/**
 * Traces sent to a collector by OpenTelemetry's own parts, over OTLP in HTTP. Loaded only where an endpoint is
 * configured. What a trace is stands in `request-trace.ts` and `task-traces.ts`.
 */

import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace as traces, TraceFlags } from '@opentelemetry/api';
import type { Context, HrTime, Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

import { assertMayCall } from '../../kernel/index.ts';
import type { Log } from '../../kernel/index.ts';
import type { Listener, Told } from '../told.ts';
import { requestTrace } from './request-trace.ts';
import type { SpanTree, Trace } from './span.ts';
import { createTaskTraces } from './task-traces.ts';
import { ToldExporter } from './told-exporter.ts';

interface TracesOptions {
  /** Of the collector, without `/v1/traces`. */
  readonly endpoint: string;
  /** Asked whenever spans are sent: then only a collector on this machine gets them, and for others they are lost. */
  readonly isOffline: () => boolean;
  readonly version: string;
  readonly log: Log;
}

export interface Traces {
  readonly hear: Listener;
  /** Sends what is left, as far as the collector takes it soon. */
  close(): Promise<void>;
}

/** A collector that takes longer does not get these spans. */
const SEND_MS = 3_000;
/** Spans that wait to be sent; more are lost. */
const WAITING_SPANS = 16_384;
/** Of a name that a caller made up. */
const LONGEST_ATTRIBUTE = 256;

export function createTraces({ endpoint, isOffline, version, log }: TracesOptions): Traces {
  const url = `${endpoint.replace(/\/$/, '')}/v1/traces`;
  const sending = new OTLPTraceExporter({ url, timeoutMillis: SEND_MS });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'drover', 'service.version': version }),
    spanLimits: { attributeValueLengthLimit: LONGEST_ATTRIBUTE },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new ToldExporter(sending, log, () => assertMayCall(endpoint, isOffline())),
        exportTimeoutMillis: SEND_MS,
        maxQueueSize: WAITING_SPANS,
      }),
    ],
  });
  const tracer = provider.getTracer('drover', version);
  const ofTask = createTaskTraces();

  const traceOf = (told: Told): Trace | null => {
    if (told.kind === 'request-ended') return requestTrace(told.record);
    return told.kind === 'fact' ? ofTask(told.fact) : null;
  };

  return {
    hear(told) {
      const trace = traceOf(told);
      if (trace !== null) grow(tracer, trace.root, contextOf(trace.parent));
    },
    close: () => provider.shutdown(),
  };
}

const KINDS = { server: SpanKind.SERVER, internal: SpanKind.INTERNAL } as const;

function grow(tracer: Tracer, { name, kind, from, to, attributes, error, parts }: SpanTree, below: Context): void {
  const span = tracer.startSpan(name, { kind: KINDS[kind], startTime: timeOf(from), attributes }, below);
  const context = traces.setSpan(below, span);
  for (const part of parts) grow(tracer, part, context);
  if (error !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
  span.end(timeOf(to));
}

/** As seconds and nanoseconds: small numbers of milliseconds would be taken for times since the start. */
function timeOf(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1_000_000)];
}

function contextOf(traceparent: string | null): Context {
  const [, traceId, spanId, flags] = traceparent?.split('-') ?? [];
  if (traceId === undefined || spanId === undefined) return ROOT_CONTEXT;
  const traceFlags = Number.parseInt(flags ?? '0', 16) & TraceFlags.SAMPLED;
  return traces.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}
