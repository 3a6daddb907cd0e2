/** All metrics in one registry, as Prometheus reads them. What each tells of stands in the files beside this one. */

import { collectDefaultMetrics, Registry } from 'prom-client';

import type { GatewaySnapshot } from '../../gateway/index.ts';
import type { Listener } from '../told.ts';
import { deviceMetrics } from './device-metrics.ts';
import { addGauge } from './gauge.ts';
import { instanceMetrics } from './instance-metrics.ts';
import { createLabels } from './labels.ts';
import { queueMetrics } from './queue-metrics.ts';
import { requestMetrics } from './request-metrics.ts';
import type { MetricViews } from './views.ts';
import { workMetrics } from './work-metrics.ts';

/** One answer to Prometheus. */
export interface Scrape {
  readonly contentType: string;
  readonly text: string;
}

/** What is known of one metric, for the page that tells of them. */
export interface MetricAbout {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labels: readonly string[];
}

export interface Metrics {
  readonly hear: Listener;
  scrape(): Promise<Scrape>;
  /** In the order of their names. */
  about(): readonly MetricAbout[];
}

export function createMetrics(views: MetricViews): Metrics {
  const registry = new Registry();
  const labels = createLabels(views);
  let snapshot: GatewaySnapshot | null = null;
  // One picture for all metrics of a scrape: it costs time where much waits.
  const seen: MetricViews = { ...views, gateway: () => (snapshot ??= views.gateway()) };
  const listeners = [
    requestMetrics(registry, labels),
    instanceMetrics(registry, seen, labels),
    workMetrics(registry, seen),
  ];
  queueMetrics(registry, seen, labels);
  deviceMetrics(registry, seen);
  buildInfo(registry, views.version);
  processMetrics(registry);

  return {
    hear: (told) => listeners.forEach((listen) => listen(told)),
    async scrape() {
      snapshot = null;
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
    about: () =>
      registry
        .getMetricsAsArray()
        .map(aboutOf)
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** Gauges whose names say that they are counters, of what others tell in parts. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

function processMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
}

function buildInfo(registry: Registry, version: string): void {
  addGauge(registry, {
    name: 'drover_build_info',
    help: 'Always 1, with the version of the controller.',
    labels: ['version'],
    read: (gauge) => gauge.set({ version }, 1),
  });
}

/** The library keeps more of a metric than it declares. */
interface Kept {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames?: readonly string[];
}

function aboutOf(metric: object): MetricAbout {
  const { name, help, type, labelNames = [] } = metric as Kept; // of every metric of prom-client 15
  return { name, help, type, labels: labelNames };
}
