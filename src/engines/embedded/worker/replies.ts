/** Answers in llama-server's (that is OpenAI's) shape: whole, or as server-sent events. Pure. */

import type { Ending, Timings } from './generation.ts';
import { perSecond } from './metrics.ts';

export interface ReplyIdentity {
  readonly kind: 'chat' | 'text';
  readonly id: string;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly model: string;
  readonly fingerprint: string;
}

export function timingsBody(timings: Timings): object {
  const { cachedTokens, promptTokens, promptMs, predictedTokens, predictedMs } = timings;
  return {
    cache_n: cachedTokens,
    prompt_n: promptTokens,
    prompt_ms: rounded(promptMs),
    prompt_per_token_ms: rounded(promptMs / Math.max(1, promptTokens)),
    prompt_per_second: rounded(perSecond(promptTokens, promptMs)),
    predicted_n: predictedTokens,
    predicted_ms: rounded(predictedMs),
    predicted_per_token_ms: rounded(predictedMs / Math.max(1, predictedTokens)),
    predicted_per_second: rounded(perSecond(predictedTokens, predictedMs)),
  };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

export function usageBody({ promptTokens, timings }: Ending): object {
  return {
    completion_tokens: timings.predictedTokens,
    prompt_tokens: promptTokens,
    total_tokens: promptTokens + timings.predictedTokens,
    prompt_tokens_details: { cached_tokens: timings.cachedTokens },
  };
}

function finishReason({ kind }: Ending): 'stop' | 'length' {
  return kind === 'limit' ? 'length' : 'stop';
}

export function wholeReply(identity: ReplyIdentity, text: string, ending: Ending): object {
  const chat = identity.kind === 'chat';
  const finish_reason = finishReason(ending);
  const choice = chat
    ? { finish_reason, index: 0, message: { role: 'assistant', content: text } }
    : { text, index: 0, logprobs: null, finish_reason };
  return {
    choices: [choice],
    created: identity.created,
    model: identity.model,
    system_fingerprint: identity.fingerprint,
    object: chat ? 'chat.completion' : 'text_completion',
    usage: usageBody(ending),
    id: identity.id,
    timings: timingsBody(ending.timings),
  };
}

/** The frames of one streamed answer. Only the text differs from frame to frame, so the rest is written once. */
export interface StreamFrames {
  /** Before the first text; empty for text completions. */
  readonly opening: string;
  text(text: string, timings: Timings | null): string;
  /** The closing frames, with usage where it was asked for. */
  closing(ending: Ending, includeUsage: boolean): string;
}

function frame(body: object): string {
  return `data: ${JSON.stringify(body)}\n\n`;
}

export function streamFrames(identity: ReplyIdentity): StreamFrames {
  const chat = identity.kind === 'chat';
  const common = {
    created: identity.created,
    id: identity.id,
    model: identity.model,
    system_fingerprint: identity.fingerprint,
    object: chat ? 'chat.completion.chunk' : 'text_completion',
  };
  const tail = `],${JSON.stringify(common).slice(1, -1)}`;
  const head = chat
    ? 'data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":'
    : 'data: {"choices":[{"text":';
  const rest = chat ? '}}' : ',"index":0,"logprobs":null,"finish_reason":null}';
  return {
    opening: chat
      ? frame({ choices: [{ finish_reason: null, index: 0, delta: { role: 'assistant', content: null } }], ...common })
      : '',
    text: (text, timings) =>
      `${head}${JSON.stringify(text)}${rest}${tail}${timings === null ? '' : `,"timings":${JSON.stringify(timingsBody(timings))}`}}\n\n`,
    closing(ending, includeUsage) {
      const finish_reason = finishReason(ending);
      const choice = chat
        ? { finish_reason, index: 0, delta: {} }
        : { text: '', index: 0, logprobs: null, finish_reason };
      const timings = timingsBody(ending.timings);
      const last = { choices: [choice], ...common };
      const done = 'data: [DONE]\n\n';
      // As llama-server: text completions carry their usage in the last frame, chats in one of its own.
      if (!chat) return frame({ ...last, usage: usageBody(ending), timings }) + done;
      if (!includeUsage) return frame({ ...last, timings }) + done;
      return frame(last) + frame({ choices: [], ...common, usage: usageBody(ending), timings }) + done;
    },
  };
}
