import { describe, expect, test } from 'vitest';

import { readExposition } from '../../../test/support/exposition.ts';
import type { Exposition } from '../../../test/support/exposition.ts';
import { report } from '../../../test/support/gateway-rig.ts';
import { endedRequest, metricViews } from '../../../test/support/metric-views.ts';
import { AppError, subject } from '../../contract/index.ts';
import type { Fact, FactData, FactType } from '../../contract/index.ts';
import type { MetricViews } from './views.ts';
import { createMetrics } from './metrics.ts';
import type { Metrics } from './metrics.ts';

const CHAT = { gen_ai_operation_name: 'chat', gen_ai_request_model: 'chat' };

describe('metrics of requests', () => {
  test('one that was answered is counted, with its wait, its first token, the time of the others, and its tokens', async () => {
    const metrics = createMetrics(metricViews());

    metrics.hear({ kind: 'request-ended', record: endedRequest() });

    const seen = await scraped(metrics);
    expect(seen.values('drover_requests_total', { model: 'chat', status: '200', reason: 'ok' })).toEqual([1]);
    expect(seen.values('drover_request_queue_seconds_sum')).toEqual([0.5]);
    expect(seen.values('drover_request_overhead_seconds_sum')).toEqual([0.0004]);
    expect(seen.values('gen_ai_server_time_to_first_token_seconds_sum', CHAT)).toEqual([1]);
    expect(seen.values('gen_ai_server_time_per_output_token_seconds_sum', CHAT)).toEqual([0.1]);
    expect(seen.values('gen_ai_client_token_usage_sum', { ...CHAT, gen_ai_token_type: 'output' })).toEqual([11]);
  });

  test('one that is not streamed has no first token', async () => {
    const metrics = createMetrics(metricViews());

    metrics.hear({ kind: 'request-ended', record: endedRequest({ stream: false }) });

    const seen = await scraped(metrics);
    expect(seen.values('gen_ai_server_request_duration_seconds_count', CHAT)).toEqual([1]);
    expect(seen.values('gen_ai_server_time_to_first_token_seconds_count')).toEqual([]);
  });

  test('clients that left are told by what their request was doing', async () => {
    const metrics = createMetrics(metricViews());
    const left = { ending: 'cancelled', code: 'ABORTED', status: null } as const;

    metrics.hear({ kind: 'request-ended', record: endedRequest({ ...left, instance: null, firstByteMs: null }) });
    metrics.hear({ kind: 'request-ended', record: endedRequest({ ...left, firstByteMs: null }) });
    metrics.hear({ kind: 'request-ended', record: endedRequest(left) });

    const seen = await scraped(metrics);
    expect(seen.values('drover_requests_cancelled_total', { phase: 'queue' })).toEqual([1]);
    expect(seen.values('drover_requests_cancelled_total', { phase: 'prefill' })).toEqual([1]);
    expect(seen.values('drover_requests_cancelled_total', { phase: 'decode' })).toEqual([1]);
    expect(seen.values('drover_requests_total', { status: 'none', reason: 'ABORTED' })).toEqual([3]);
  });

  test('those that were turned away are counted by their code', async () => {
    const metrics = createMetrics(metricViews());

    metrics.hear({ kind: 'request-refused', error: new AppError('UNAUTHORIZED', 'no key') });

    const seen = await scraped(metrics);
    expect(seen.values('drover_requests_total', { status: '401', reason: 'UNAUTHORIZED' })).toEqual([1]);
  });

  test('what waits is told by model and class, with the one that waits longest', async () => {
    const waiting = [3_000, 9_000, 1_000].map((waitedMs, place) => ({
      id: `r${place}`,
      model: 'chat',
      key: 'anonymous',
      class: 'interactive' as const,
      position: place + 1,
      waitedMs,
      startsInMs: null,
    }));
    const empty = metricViews().gateway();
    const metrics = createMetrics(metricViews({ gateway: () => ({ ...empty, waiting }) }));

    const seen = await scraped(metrics);

    expect(seen.values('drover_queue_length', { model: 'chat', class: 'interactive' })).toEqual([3]);
    expect(seen.values('drover_queue_longest_wait_seconds', { model: 'chat' })).toEqual([9]);
  });
});

describe('metrics of models and instances', () => {
  const states = [
    'starting',
    'loading',
    'ready',
    'stopping',
    'asleep',
    'starting',
    'backoff',
    'starting',
    'ready',
    'backoff',
  ];

  test('loads, how long they took, and how models left memory are read from facts', async () => {
    const metrics = createMetrics(onlyInstance('chat'));

    states.forEach((to, place) => {
      const from = states[place - 1] ?? 'stopped';
      const change = { from, to, pid: null, port: null, reason: null, delay_ms: null, restarts: 0 };
      tell(metrics, 'instance.changed', subject.instance('chat'), change, place * 1_000);
    });

    const seen = await scraped(metrics);
    expect(seen.values('drover_model_loads_total', { model: 'demo', outcome: 'loaded' })).toEqual([2]);
    expect(seen.values('drover_model_loads_total', { model: 'demo', outcome: 'failed' })).toEqual([1]);
    expect(seen.values('drover_model_load_seconds_sum', { model: 'demo' })).toEqual([3]);
    expect(seen.values('drover_model_unloads_total', { model: 'demo', reason: 'idle' })).toEqual([1]);
    expect(seen.values('drover_model_unloads_total', { model: 'demo', reason: 'crashed' })).toEqual([1]);
  });

  test('a model that others made room for is counted, and so are they', async () => {
    const metrics = createMetrics(onlyInstance('chat'));

    metrics.hear({ kind: 'model-swapped', victims: ['chat'], wanted: 'code' });

    const seen = await scraped(metrics);
    expect(seen.values('drover_model_swaps_total', { model: 'code' })).toEqual([1]);
    expect(seen.values('drover_model_evictions_total', { model: 'demo' })).toEqual([1]);
  });

  test('an instance has one state', async () => {
    const metrics = createMetrics(onlyInstance('chat'));

    const seen = await scraped(metrics);

    expect(seen.values('drover_instance_state', { instance: 'chat' })).toEqual([1]);
    expect(seen.values('drover_instance_state', { instance: 'chat', state: 'ready' })).toEqual([1]);
  });
});

test('it is told which instances fail, and how often a conversation met its prompt', async () => {
  const breakers = { chat: 'open', code: 'closed' } as const;
  const gateway = { ...metricViews().gateway(), breakers, affinity: { home: 7, elsewhere: 2 } };
  const metrics = createMetrics(metricViews({ gateway: () => gateway }));

  const seen = await scraped(metrics);

  expect(seen.values('drover_instance_breaker', { instance: 'chat' })).toEqual([1]);
  expect(seen.values('drover_instance_breaker', { instance: 'chat', state: 'open' })).toEqual([1]);
  expect(seen.values('drover_requests_placed_total', { outcome: 'home' })).toEqual([7]);
  expect(seen.values('drover_requests_placed_total', { outcome: 'elsewhere' })).toEqual([2]);
});

test('tasks, batches and questions are counted from facts', async () => {
  const metrics = createMetrics(metricViews());
  const task = subject.task('b1', 'fetch');

  tell(metrics, 'task.retry_scheduled', task, { attempt: 1, class: 'oom', reason: 'x', delay_ms: 1, free: false });
  tell(metrics, 'task.succeeded', task, { attempt: 2, duration_ms: 1_500 });
  tell(metrics, 'task.failed', task, { attempt: 1, class: 'exit', reason: 'exit 1' });
  tell(metrics, 'batch.ended', subject.batch('b1'), { status: 'failed', duration_ms: 9 });

  const seen = await scraped(metrics);
  expect(seen.values('drover_task_retries_total', { class: 'oom' })).toEqual([1]);
  expect(seen.values('drover_tasks_total', { outcome: 'succeeded' })).toEqual([1]);
  expect(seen.values('drover_tasks_total', { outcome: 'failed', class: 'exit' })).toEqual([1]);
  expect(seen.values('drover_task_duration_seconds_sum')).toEqual([1.5]);
  expect(seen.values('drover_batches_total', { status: 'failed' })).toEqual([1]);
});

test('callers cannot make series: names, keys and ids of theirs are no labels', async () => {
  const metrics = createMetrics(metricViews({ modelName: (asked) => (asked === 'chat' ? 'chat' : null) }));
  const hostile = (n: number) => ({ model: `m${n}"}\n{`, key: `key-${n}`, id: `id-${n}`, endpoint: `/v1/${n}` });
  metrics.hear({ kind: 'request-ended', record: endedRequest() });
  metrics.hear({ kind: 'request-ended', record: endedRequest(hostile(0)) });
  const few = (await scraped(metrics)).samples.length;

  for (let n = 1; n <= 5_000; n++) metrics.hear({ kind: 'request-ended', record: endedRequest(hostile(n)) });

  const seen = await scraped(metrics);
  expect(seen.samples.length).toBe(few);
  expect(seen.values('drover_requests_total', { model: 'other' })).toEqual([5_001]);
});

test('even names that are known get no more than so many series', async () => {
  const breakers = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`i${n}`, 'closed' as const]));
  const gateway = { ...metricViews().gateway(), breakers };
  const metrics = createMetrics(metricViews({ gateway: () => gateway }));

  for (let n = 1; n <= 1_000; n++) {
    metrics.hear({ kind: 'request-ended', record: endedRequest({ model: `model-${n}`, status: 400 + (n % 200) }) });
  }

  const seen = await scraped(metrics);
  const models = new Set(seen.samples.map(({ labels }) => labels['gen_ai_request_model'] ?? 'none'));
  expect(models.size).toBe(102); // 100 names, what is beyond them, and samples without a model
  expect(seen.values('drover_instance_breaker')).toHaveLength(201);
  expect(new Set(seen.samples.map(({ labels }) => labels['status'])).size).toBeLessThan(70);
});

function onlyInstance(name: string): MetricViews {
  const one = report({ name, port: 1, modelId: 'demo' });
  return metricViews({ instances: () => new Map([[name, one]]) });
}

async function scraped(metrics: Metrics): Promise<Exposition> {
  return readExposition((await metrics.scrape()).text);
}

function tell<T extends FactType>(metrics: Metrics, type: T, about: string, data: FactData[T], at = 0): void {
  const fact: Fact<T> = { seq: 1, at, type, subject: about, data };
  metrics.hear({ kind: 'fact', fact: fact as unknown as Fact }); // a fact of one type is a fact
}
