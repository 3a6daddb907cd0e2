/** Metrics of batches, their tasks and what people are asked: counted from facts, and what goes on now, read when asked. */

import { Counter, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';

import { isFact } from '../../contract/index.ts';
import type { Fact, FactType } from '../../contract/index.ts';
import type { Listener } from '../told.ts';
import { addGauge } from './gauge.ts';
import type { MetricViews } from './views.ts';

const TASK_SECONDS = [0.1, 1, 5, 15, 60, 300, 900, 3_600, 14_400];

/** Endings of a task that have no class of failure. */
const OUTCOMES: Readonly<Partial<Record<FactType, string>>> = {
  'task.succeeded': 'succeeded',
  'task.aborted': 'aborted',
  'task.skipped': 'skipped',
  'task.cancelled': 'cancelled',
  'task.reused': 'reused',
};

export function workMetrics(registry: Registry, views: Pick<MetricViews, 'work'>): Listener {
  const registers = [registry];
  workGauges(registry, views);
  const ended = new Counter({
    name: 'drover_tasks_total',
    help: 'Tasks of batches that ended; those that failed with the class of their failure.',
    labelNames: ['outcome', 'class'] as const,
    registers,
  });
  const retries = new Counter({
    name: 'drover_task_retries_total',
    help: 'Tries of tasks that failed and are made again, by the class of the failure.',
    labelNames: ['class'] as const,
    registers,
  });
  const seconds = new Histogram({
    name: 'drover_task_duration_seconds',
    help: 'Of the try in which a task succeeded.',
    buckets: TASK_SECONDS,
    registers,
  });
  const batches = new Counter({
    name: 'drover_batches_total',
    help: 'Batches that ended.',
    labelNames: ['status'] as const,
    registers,
  });
  const escalations = new Counter({
    name: 'drover_escalations_total',
    help: 'Questions of the brain to those above it.',
    registers,
  });

  function onFact(fact: Fact): void {
    const outcome = OUTCOMES[fact.type];
    if (outcome !== undefined) ended.inc({ outcome, class: '' });
    if (isFact(fact, 'task.succeeded')) seconds.observe(fact.data.duration_ms / 1_000);
    else if (isFact(fact, 'task.failed')) ended.inc({ outcome: 'failed', class: fact.data.class });
    else if (isFact(fact, 'task.retry_scheduled')) retries.inc({ class: fact.data.class });
    else if (isFact(fact, 'batch.ended')) batches.inc({ status: fact.data.status });
    else if (isFact(fact, 'escalation.opened')) escalations.inc();
  }

  return (told) => {
    if (told.kind === 'fact') onFact(told.fact);
  };
}

function workGauges(registry: Registry, views: Pick<MetricViews, 'work'>): void {
  addGauge(registry, {
    name: 'drover_tasks_now',
    help: 'Tasks of batches that have not ended: `ready` for a device, `running`, or `waiting` for something else.',
    labels: ['state'],
    async read(gauge) {
      const { tasks } = await views.work();
      for (const [state, count] of Object.entries(tasks)) gauge.set({ state }, count);
    },
  });
}
