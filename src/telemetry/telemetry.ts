/** What the controller tells the world of itself: metrics for whoever asks, and traces where somebody collects them. */

import type { Log } from '../kernel/index.ts';
import { createLateListener } from './late-listener.ts';
import type { LateListener } from './late-listener.ts';
import type { Scrape } from './metrics/metrics.ts';
import type { MetricViews } from './metrics/views.ts';
import type { Listener } from './told.ts';
import type { Traces } from './tracing/traces.ts';

export interface Telemetry {
  readonly hear: Listener;
  /** The metrics as Prometheus reads them. */
  scrape(): Promise<Scrape>;
  /** Traces are sent from now on, with those that have been heard; without a collector nothing happens. */
  start(): void;
  /** Sends the traces that are left. */
  close(): Promise<void>;
}

interface TelemetryDeps {
  readonly views: MetricViews;
  /** Null: nobody collects traces. */
  readonly collector: { readonly endpoint: string; readonly isOffline: () => boolean } | null;
  readonly log: Log;
}

/** Metrics that nobody has asked for yet are not kept up to date at the cost of requests, but remembered this far. */
const KEPT = 1_000;

export function createTelemetry(deps: TelemetryDeps): Telemetry {
  const { views, log } = deps;
  const onError = (error: unknown): void => log.error({ err: error }, 'telemetry failed');
  const metrics = createLateListener({
    keep: KEPT,
    onError,
    load: async () => (await import('./metrics/metrics.ts')).createMetrics(views),
  });
  const traces = lateTraces(deps, onError);
  let sending: Promise<Traces | null> = Promise.resolve(null);

  return {
    hear(told) {
      metrics.hear(told);
      traces?.hear(told);
    },
    scrape: async () => (await metrics.loaded()).scrape(),
    start() {
      sending = traces?.loaded().catch(toNone(onError)) ?? sending;
    },
    close: async () => (await sending)?.close(),
  };
}

function lateTraces(
  { collector, views, log }: TelemetryDeps,
  onError: (error: unknown) => void,
): LateListener<Traces> | null {
  if (collector === null) return null;
  const options = { ...collector, version: views.version, log };
  return createLateListener({
    keep: KEPT,
    onError,
    load: async () => (await import('./tracing/traces.ts')).createTraces(options),
  });
}

function toNone(tell: (error: unknown) => void): (error: unknown) => null {
  return (error) => {
    tell(error);
    return null;
  };
}
