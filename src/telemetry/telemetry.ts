/** What the controller tells the world of itself: metrics for whoever asks. */

import type { Log } from '../kernel/index.ts';
import { createLateListener } from './late-listener.ts';
import type { Scrape } from './metrics/metrics.ts';
import type { MetricViews } from './metrics/views.ts';
import type { Listener } from './told.ts';

export interface Telemetry {
  readonly hear: Listener;
  /** The metrics as Prometheus reads them. */
  scrape(): Promise<Scrape>;
}

export interface TelemetryDeps {
  readonly views: MetricViews;
  readonly log: Log;
}

/** Metrics that nobody has asked for yet are not kept up to date at the cost of requests, but remembered this far. */
const KEPT = 1_000;

export function createTelemetry({ views, log }: TelemetryDeps): Telemetry {
  const onError = (error: unknown): void => log.error({ err: error }, 'telemetry failed');
  const metrics = createLateListener({
    keep: KEPT,
    onError,
    load: async () => (await import('./metrics/metrics.ts')).createMetrics(views),
  });
  return {
    hear: metrics.hear,
    scrape: async () => (await metrics.loaded()).scrape(),
  };
}
