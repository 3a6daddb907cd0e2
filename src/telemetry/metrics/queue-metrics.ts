/** Metrics of requests that wait or run, read from the gateway when they are asked. */

import { Counter } from 'prom-client';
import type { Registry } from 'prom-client';

import { addGauge } from './gauge.ts';
import type { Labels } from './labels.ts';
import type { MetricViews } from './views.ts';

export function queueMetrics(registry: Registry, views: Pick<MetricViews, 'gateway'>, labels: Labels): void {
  addGauge(registry, {
    name: 'drover_queue_length',
    help: 'Requests that wait for a slot.',
    labels: ['model', 'class'],
    read(gauge) {
      for (const { model, class: of } of views.gateway().waiting) gauge.inc({ model: labels.model(model), class: of });
    },
  });
  addGauge(registry, {
    name: 'drover_queue_longest_wait_seconds',
    help: 'Wait of the one that waits longest, so far.',
    labels: ['model', 'class'],
    read(gauge) {
      const waits = views.gateway().waiting.toSorted((a, b) => a.waitedMs - b.waitedMs);
      for (const { model, class: of, waitedMs } of waits) {
        gauge.set({ model: labels.model(model), class: of }, waitedMs / 1_000);
      }
    },
  });
  addGauge(registry, {
    name: 'drover_queue_forecast_error_seconds',
    help: 'How far from the truth it was what waiting requests were told of their start, of the latest ones.',
    labels: ['quantile'],
    read(gauge) {
      const { medianMs, p90Ms } = views.gateway().forecast;
      if (medianMs !== null) gauge.set({ quantile: '0.5' }, medianMs / 1_000);
      if (p90Ms !== null) gauge.set({ quantile: '0.9' }, p90Ms / 1_000);
    },
  });
  addGauge(registry, {
    name: 'drover_requests_running',
    help: 'Requests that an engine is asked for.',
    labels: ['model'],
    read(gauge) {
      for (const { model, inFlight } of views.gateway().perModel) gauge.inc({ model: labels.model(model) }, inFlight);
    },
  });
  const moves = new Counter({
    name: 'drover_requests_moved_total',
    help: 'Requests that left an instance before their answer began: it failed them (`failed`), or interactive ones needed the slot (`preempted`).',
    labelNames: ['reason'] as const,
    registers: [],
    collect() {
      const { moved, preempted } = views.gateway().counters;
      this.reset();
      this.inc({ reason: 'failed' }, moved);
      this.inc({ reason: 'preempted' }, preempted);
    },
  });
  registry.registerMetric(moves);
  const placements = new Counter({
    name: 'drover_requests_placed_total',
    help: 'Requests of a conversation, with a choice of instances: to the one that has its prompt (`home`), or, since that was full or is gone, to another (`elsewhere`).',
    labelNames: ['outcome'] as const,
    registers: [],
    collect() {
      const { home, elsewhere } = views.gateway().affinity;
      this.reset();
      this.inc({ outcome: 'home' }, home);
      this.inc({ outcome: 'elsewhere' }, elsewhere);
    },
  });
  registry.registerMetric(placements);
  addGauge(registry, {
    name: 'drover_relay_buffered_bytes',
    help: 'Accepted from engines and not yet taken by readers.',
    labels: [],
    read(gauge) {
      gauge.set(views.gateway().bufferedBytes);
    },
  });
}
