/** Metrics of requests that have ended, however: counted, and how long they waited. What waits or runs is in `queue-metrics.ts`. */

import { Counter, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';

import type { RequestRecord } from '../../gateway/index.ts';
import type { Listener } from '../told.ts';
import { answerMetrics } from './answer-metrics.ts';
import { boundedLabel } from './labels.ts';
import type { Labels } from './labels.ts';

const WAIT_SECONDS = [0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
const OVERHEAD_SECONDS = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 1];
const STATUSES = 60;

export function requestMetrics(registry: Registry, labels: Labels): Listener {
  const registers = [registry];
  const status = boundedLabel(STATUSES, (value) => value);
  const ended = new Counter({
    name: 'drover_requests_total',
    help: 'Requests by HTTP status and by the code of what ended them; `ok` for those that were answered.',
    labelNames: ['model', 'class', 'status', 'reason'] as const,
    registers,
  });
  const cancelled = new Counter({
    name: 'drover_requests_cancelled_total',
    help: 'Requests whose client left, by what they were doing: `queue`, `prefill` or `decode`.',
    labelNames: ['model', 'phase'] as const,
    registers,
  });
  const attempts = new Counter({
    name: 'drover_request_attempts_total',
    help: 'Tries of requests on instances; more than requests where some had to go elsewhere.',
    labelNames: ['model'] as const,
    registers,
  });
  const waited = new Histogram({
    name: 'drover_request_queue_seconds',
    help: 'Wait of a request for a slot.',
    labelNames: ['model', 'class'] as const,
    buckets: WAIT_SECONDS,
    registers,
  });
  const overhead = new Histogram({
    name: 'drover_request_overhead_seconds',
    help: 'Spent by the gateway from the last byte of a request until an engine was asked, the wait for a slot aside.',
    buckets: OVERHEAD_SECONDS,
    registers,
  });
  const onAnswered = answerMetrics(registry);

  function onEnded(record: RequestRecord): void {
    const model = labels.model(record.model);
    const sent = status(String(record.status ?? 'none'));
    ended.inc({ model, class: record.class, status: sent, reason: record.code ?? 'ok' });
    if (record.ending === 'cancelled') cancelled.inc({ model, phase: phaseOf(record) });
    attempts.inc({ model }, record.attempts);
    waited.observe({ model, class: record.class }, record.queueMs / 1_000);
    if (record.overheadMs !== null) overhead.observe(record.overheadMs / 1_000);
    if (record.ending === 'done') onAnswered(record, model);
  }

  return (told) => {
    if (told.kind === 'request-ended') onEnded(told.record);
    if (told.kind === 'request-refused') {
      const { status: sent, code } = told.error;
      ended.inc({ model: 'none', class: 'none', status: status(String(sent)), reason: code });
    }
  };
}

function phaseOf({ instance, firstByteMs }: RequestRecord): 'queue' | 'prefill' | 'decode' {
  if (instance === null) return 'queue';
  return firstByteMs === null ? 'prefill' : 'decode';
}
