/** What an engine is asked for a task of the native API, in the words of OpenAI's protocol. Pure. */

import type { InferenceTaskAsk, Workload } from '../../contract/index.ts';
import { affinityOf } from '../placing/affinity.ts';
import type { PlacementHints } from '../placing/placement-hints.ts';
import { NO_WISH } from '../placing/wishes.ts';
import { JSON_TYPE } from '../protocols/call.ts';
import type { ClientCall } from '../protocols/call.ts';
import { STREAM_DONE } from '../protocols/chat/chat-call.ts';
import { given, toBytes } from '../protocols/fields.ts';
import type { Fields } from '../protocols/fields.ts';
import { openAi } from '../protocols/openai/protocol.ts';

const PATHS: Readonly<Record<Workload, string>> = {
  chat: '/v1/chat/completions',
  completion: '/v1/completions',
  embedding: '/v1/embeddings',
  rerank: '/v1/rerank',
};

interface TaskCall extends Pick<ClientCall, 'wire' | 'forEngine' | 'stream' | 'maxTokens'> {
  readonly body: Buffer;
  readonly hints: PlacementHints;
}

export function workloadOf({ workload, messages }: Pick<InferenceTaskAsk, 'workload' | 'messages'>): Workload {
  return workload ?? (messages === undefined ? 'completion' : 'chat');
}

export function isGenerated(workload: Workload): boolean {
  return workload === 'chat' || workload === 'completion';
}

/** `maxTokens`: what the budget of its session leaves it, when that is less than it asked for. */
export function taskCall(
  ask: InferenceTaskAsk,
  chosen: { readonly seed: number; readonly maxTokens: number | null },
): TaskCall {
  const workload = workloadOf(ask);
  const fields = given(fieldsFor(workload, ask, chosen));
  const body = toBytes(fields);
  const call = { path: PATHS[workload], contentType: JSON_TYPE, body, streamEnd: STREAM_DONE, telling: null };
  const conversation = { ...fields, session_id: ask.session_id };
  return {
    wire: openAi,
    stream: isGenerated(workload),
    maxTokens: chosen.maxTokens,
    body,
    forEngine: () => call,
    hints: { wish: wishOf(ask), affinity: affinityOf({}, conversation) },
  };
}

function fieldsFor(
  workload: Workload,
  ask: InferenceTaskAsk,
  chosen: { seed: number; maxTokens: number | null },
): Fields {
  const { model, prompt, messages, documents } = ask;
  switch (workload) {
    case 'embedding':
      return { model, input: prompt };
    case 'rerank':
      return { model, query: prompt, documents };
    case 'chat':
      return { ...generation(ask, chosen), messages: messages ?? [{ role: 'user', content: prompt }] };
    case 'completion':
      return { ...generation(ask, chosen), prompt };
  }
}

function generation(ask: InferenceTaskAsk, { seed, maxTokens }: { seed: number; maxTokens: number | null }): Fields {
  const { temperature, top_p, top_k, min_p, presence_penalty, frequency_penalty, repeat_penalty, stop, sampling } = ask;
  return {
    model: ask.model,
    temperature,
    top_p,
    top_k,
    min_p,
    presence_penalty,
    frequency_penalty,
    repeat_penalty,
    stop,
    ...sampling,
    seed,
    max_tokens: maxTokens,
    stream: true,
    stream_options: { include_usage: true },
  };
}

function wishOf({ placement }: InferenceTaskAsk): PlacementHints['wish'] {
  if (placement === undefined) return NO_WISH;
  const { pin = null, prefer, avoid, device = null, allow_fallback: allowFallback } = placement;
  return { pin, prefer, avoid, device, allowFallback };
}
