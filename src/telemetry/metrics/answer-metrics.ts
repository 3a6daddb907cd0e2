/** Metrics of requests that were answered: how long that took, until the first token and for each, and how many there were. */

import { Histogram } from 'prom-client';
import type { Registry } from 'prom-client';

import type { RequestRecord } from '../../gateway/index.ts';
import { operationOf } from '../operations.ts';

/** Of OpenTelemetry's metrics for generative AI, and above them what a cold model takes. */
const FIRST_TOKEN_SECONDS = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 120,
];
const PER_TOKEN_SECONDS = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];
const DURATION_SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 600];
const TOKENS = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576];

const GEN_AI_LABELS = ['gen_ai_operation_name', 'gen_ai_request_model'] as const;

/** To be called with each of them, and with the label of its model. */
export function answerMetrics(registry: Registry): (record: RequestRecord, model: string) => void {
  const registers = [registry];
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

  return (record, model) => {
    const of = { gen_ai_operation_name: operationOf(record.endpoint), gen_ai_request_model: model };
    duration.observe(of, record.durationMs / 1_000);
    tokens.observe({ ...of, gen_ai_token_type: 'input' }, record.tokensIn);
    tokens.observe({ ...of, gen_ai_token_type: 'output' }, record.tokensOut);
    if (!record.stream || record.firstByteMs === null) return;
    firstToken.observe(of, record.firstByteMs / 1_000);
    const rest = record.tokensOut - 1;
    if (rest > 0) perToken.observe(of, (record.durationMs - record.firstByteMs) / rest / 1_000);
  };
}
