/**
 * Every field that a completion request may have: read, a mere label, or refused unless it is switched off. What is
 * in no row is refused with a near name, so that nothing a client asks for is silently left out. Pure.
 */

import { didYouMean } from '../../../../kernel/index.ts';
import { ApiError } from '../api-error.ts';
import type { Body } from './fields.ts';

export type CompletionKind = 'chat' | 'text' | 'job';

type Parameter =
  | { readonly kind: 'read'; readonly by: readonly CompletionKind[] }
  /** Names or files the request for the client's own purposes; changes no answer, anywhere. */
  | { readonly kind: 'label' }
  /** This engine lacks it. `off` are the values that ask for nothing. */
  | { readonly kind: 'refused'; readonly off: readonly unknown[] };

const everywhere: Parameter = { kind: 'read', by: ['chat', 'text', 'job'] };
const overOpenAi: Parameter = { kind: 'read', by: ['chat', 'text'] };
const inChats: Parameter = { kind: 'read', by: ['chat'] };
const inChatsAndJobs: Parameter = { kind: 'read', by: ['chat', 'job'] };
const beforeText: Parameter = { kind: 'read', by: ['text', 'job'] };
const inJobs: Parameter = { kind: 'read', by: ['job'] };
const label: Parameter = { kind: 'label' };
const refused = (...off: readonly unknown[]): Parameter => ({ kind: 'refused', off });

export const PARAMETERS: Readonly<Record<string, Parameter>> = {
  model: overOpenAi,
  messages: inChatsAndJobs,
  prompt: beforeText,
  job_id: inJobs,
  stream: overOpenAi,
  stream_options: overOpenAi,
  timings_per_token: overOpenAi,
  n: overOpenAi,
  n_cmpl: overOpenAi,

  max_tokens: everywhere,
  max_completion_tokens: everywhere,
  n_predict: everywhere,
  stop: everywhere,
  ignore_eos: everywhere,
  cache_prompt: everywhere,

  temperature: everywhere,
  top_k: everywhere,
  top_p: everywhere,
  min_p: everywhere,
  seed: everywhere,
  repeat_penalty: everywhere,
  repeat_last_n: everywhere,
  presence_penalty: everywhere,
  frequency_penalty: everywhere,
  xtc_probability: everywhere,
  xtc_threshold: everywhere,
  dry_multiplier: everywhere,
  dry_base: everywhere,
  dry_allowed_length: everywhere,
  dry_penalty_last_n: everywhere,
  dry_sequence_breakers: everywhere,
  logit_bias: everywhere,

  logprobs: overOpenAi,
  top_logprobs: inChats,
  n_probs: overOpenAi,

  grammar: everywhere,
  json_schema: everywhere,
  response_format: everywhere,
  tools: inChats,
  tool_choice: inChats,
  parallel_tool_calls: inChats,
  add_generation_prompt: inChatsAndJobs,
  chat_template_kwargs: inChatsAndJobs,
  reasoning_effort: inChatsAndJobs,

  user: label,
  metadata: label,
  store: label,
  service_tier: label,
  safety_identifier: label,
  prompt_cache_key: label,
  session_id: label,
  prompt_cache_retention: label,

  typical_p: refused(1),
  typ_p: refused(1),
  top_n_sigma: refused(-1, 0),
  dynatemp_range: refused(0),
  dynatemp_exponent: refused(1),
  mirostat: refused(0),
  mirostat_tau: refused(5),
  mirostat_eta: refused(0.1),
  adaptive_target: refused(-1),
  adaptive_decay: refused(0.9),
  tfs_z: refused(1),
  samplers: refused([], ''),
  min_keep: refused(0),
  post_sampling_probs: refused(false),
  backend_sampling: refused(false),
  n_keep: refused(0),
  n_discard: refused(0),
  n_indent: refused(0),
  n_cache_reuse: refused(0),
  t_max_prompt_ms: refused(0, -1),
  t_max_predict_ms: refused(0, -1),
  id_slot: refused(-1),
  lora: refused([]),
  return_tokens: refused(false),
  return_progress: refused(false),
  response_fields: refused([]),
  verbose: refused(false),
  sse_ping_interval: refused(-1),
  grammar_lazy: refused(false),
  grammar_triggers: refused([]),
  preserved_tokens: refused([]),
  continue_final_message: refused(false),
  reasoning_format: refused('none'),
  reasoning_budget_tokens: refused(-1),
  thinking_budget_tokens: refused(-1),
  best_of: refused(1),
  echo: refused(false),
  suffix: refused(''),
  functions: refused([]),
  function_call: refused('none'),
  modalities: refused(['text']),
  audio: refused(),
  prediction: refused(),
  verbosity: refused('medium'),
  web_search_options: refused(),
};

/** Rejects with an ApiError that names the field. Null counts as not given. */
export function checkParameters(kind: CompletionKind, body: Body): void {
  for (const [name, value] of Object.entries(body)) {
    if (value !== null && value !== undefined) checkParameter(kind, name, value);
  }
}

function checkParameter(kind: CompletionKind, name: string, value: unknown): void {
  const parameter = Object.hasOwn(PARAMETERS, name) ? PARAMETERS[name] : undefined;
  if (parameter === undefined) {
    const hint = didYouMean(name, Object.keys(PARAMETERS));
    throw refusal(hint === undefined ? `"${name}" is unknown` : `"${name}" is unknown; ${hint}`);
  }
  if (parameter.kind === 'read' && !parameter.by.includes(kind)) throw refusal(`"${name}" has no meaning here`);
  if (parameter.kind === 'refused' && !parameter.off.some((off) => isSame(off, value))) {
    throw refusal(`"${name}" is not supported by the embedded engine`);
  }
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b));
}

function refusal(message: string): ApiError {
  return new ApiError('invalid_request_error', message);
}
