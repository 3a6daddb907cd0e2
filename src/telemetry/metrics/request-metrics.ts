/** Metrics of requests that have ended: counted, and how long each part of them took. What waits or runs is in `queue-metrics.ts`. */

import { Counter, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';

import type { RequestRecord } from '../../gateway/index.ts';
import type { Listener } from '../told.ts';
import { boundedLabel } from './labels.ts';
import type { Labels } from './labels.ts';
import { operationOf } from '../operations.ts';

/** Of OpenTelemetry's metrics for generative AI, and above them what a cold model takes. */
const FIRST_TOKEN_SECONDS = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 120,
];
const PER_TOKEN_SECONDS = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];
const DURATION_SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 600];
const TOKENS = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576];
const WAIT_SECONDS = [0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
const OVERHEAD_SECONDS = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 1];
const STATUSES = 60;

const GEN_AI_LABELS = ['gen_ai_operation_name', 'gen_ai_request_model'] as const;

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
  const duration = new Histogram({
    name: 'gen_ai_server_request_duration_seconds',
    help: 'From the arrival of a request to its end.',
    labelNames: GEN_AI_LABELS,
    buckets: DURATION_SECONDS,
    registers,
  });
  const firstToken = new Histogram({
    name: 'gen_ai_server_time_to_first_token_seconds',
    help: 'From the arrival of a streamed request to the first content of its answer.',
    labelNames: GEN_AI_LABELS,
    buckets: FIRST_TOKEN_SECONDS,
    registers,
  });
  const perToken = new Histogram({
    name: 'gen_ai_server_time_per_output_token_seconds',
    help: 'Of a streamed answer, per token behind the first.',
    labelNames: GEN_AI_LABELS,
    buckets: PER_TOKEN_SECONDS,
    registers,
  });
  const tokens = new Histogram({
    name: 'gen_ai_client_token_usage',
    help: 'Tokens of a request: `input` of the prompt, `output` of the answer.',
    labelNames: [...GEN_AI_LABELS, 'gen_ai_token_type'] as const,
    buckets: TOKENS,
    registers,
  });

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

  function onAnswered(record: RequestRecord, model: string): void {
    const of = { gen_ai_operation_name: operationOf(record.endpoint), gen_ai_request_model: model };
    duration.observe(of, record.durationMs / 1_000);
    tokens.observe({ ...of, gen_ai_token_type: 'input' }, record.tokensIn);
    tokens.observe({ ...of, gen_ai_token_type: 'output' }, record.tokensOut);
    if (!record.stream || record.firstByteMs === null) return;
    firstToken.observe(of, record.firstByteMs / 1_000);
    const rest = record.tokensOut - 1;
    if (rest > 0) perToken.observe(of, (record.durationMs - record.firstByteMs) / rest / 1_000);
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
