/** Answers in llama-server's (that is OpenAI's) shape: whole, or as server-sent events. Pure. */

import type { Ending, SaidToken, Timings } from '../batching/generation.ts';
import { perSecond } from '../batching/metrics.ts';
import type { AnswerPart } from '../tools/tool-call-reader.ts';
import { logprobsBody } from './logprobs.ts';
import type { TokenSpeller } from './logprobs.ts';

export interface ReplyIdentity {
  readonly kind: 'chat' | 'text';
  readonly id: string;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly model: string;
  readonly fingerprint: string;
  /** Of all prompts of the request. */
  readonly promptTokens: number;
}

/** One of the answers to a request, complete. */
export interface Choice {
  readonly text: string;
  readonly calls: readonly ToolCall[];
  /** Null: no probabilities were asked for. */
  readonly said: readonly SaidToken[] | null;
  readonly ending: Ending;
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
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

export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** Prompts are counted once, however many choices each has. */
function usageBody({ promptTokens }: ReplyIdentity, endings: readonly Ending[]): object {
  const predicted = endings.reduce((sum, { timings }) => sum + timings.predictedTokens, 0);
  const cached = endings.reduce((sum, { timings }) => sum + timings.cachedTokens, 0);
  return {
    completion_tokens: predicted,
    prompt_tokens: promptTokens,
    total_tokens: promptTokens + predicted,
    prompt_tokens_details: { cached_tokens: Math.min(promptTokens, cached) },
  };
}

/** Why a choice ended; the stop text that was met under the name that vLLM gives it. */
function finish({ kind, stoppingWord }: Ending, calls: number): object {
  if (kind === 'limit') return { finish_reason: 'length' };
  const stop_reason = kind === 'word' ? { stop_reason: stoppingWord } : {};
  return { finish_reason: calls > 0 ? 'tool_calls' : 'stop', ...stop_reason };
}

export function wholeReply(identity: ReplyIdentity, choices: readonly Choice[], speller: TokenSpeller): object {
  const chat = identity.kind === 'chat';
  const endings = choices.map(({ ending }) => ending);
  const [first] = endings;
  return {
    choices: choices.map((choice, index) =>
      chat ? chatChoice(choice, index, speller) : textChoice(choice, index, speller),
    ),
    created: identity.created,
    model: identity.model,
    system_fingerprint: identity.fingerprint,
    object: chat ? 'chat.completion' : 'text_completion',
    usage: usageBody(identity, endings),
    id: identity.id,
    ...(first === undefined ? {} : { timings: timingsBody(first.timings) }),
  };
}

function textChoice({ text, said, ending }: Choice, index: number, speller: TokenSpeller): object {
  const logprobs = said === null ? null : logprobsBody(said, speller);
  return { text, index, logprobs, ...finish(ending, 0) };
}

function chatChoice({ text, calls, said, ending }: Choice, index: number, speller: TokenSpeller): object {
  const tool_calls = calls.map((call) => ({
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
    id: call.id,
  }));
  const message =
    calls.length === 0
      ? { role: 'assistant', content: text }
      : { role: 'assistant', content: text || null, tool_calls };
  return {
    ...finish(ending, calls.length),
    index,
    message,
    ...(said === null ? {} : { logprobs: logprobsBody(said, speller) }),
  };
}

/** The frames of one streamed choice. Only the text differs from frame to frame, so the rest is written once. */
interface StreamFrames {
  /** Before the first text; empty for text completions. */
  readonly opening: string;
  text(text: string, logprobs: object | null, timings: Timings | null): string;
  /** A piece of a tool call; `id` names the call it begins. */
  call(part: Exclude<AnswerPart, { readonly kind: 'text' }>, id: string, timings: Timings | null): string;
  /** The end of this choice. */
  closing(ending: Ending, calls: number): string;
}

function frame(body: object): string {
  return `data: ${JSON.stringify(body)}\n\n`;
}

function commonFields(identity: ReplyIdentity): object {
  return {
    created: identity.created,
    id: identity.id,
    model: identity.model,
    system_fingerprint: identity.fingerprint,
    object: identity.kind === 'chat' ? 'chat.completion.chunk' : 'text_completion',
  };
}

export function streamFrames(identity: ReplyIdentity, index: number): StreamFrames {
  const chat = identity.kind === 'chat';
  const common = commonFields(identity);
  const tail = `],${JSON.stringify(common).slice(1, -1)}`;
  const head = chat
    ? `data: {"choices":[{"finish_reason":null,"index":${index},"delta":{"content":`
    : 'data: {"choices":[{"text":';
  const withLogprobs = (logprobs: object | null): string => {
    if (!chat) return `,"index":${index},"logprobs":${JSON.stringify(logprobs)},"finish_reason":null}`;
    return logprobs === null ? '}}' : `},"logprobs":${JSON.stringify(logprobs)}}`;
  };
  const plain = withLogprobs(null);
  const delta = (change: object, timings: Timings | null): string =>
    frame({
      choices: [{ finish_reason: null, index, delta: change }],
      ...common,
      ...(timings === null ? {} : { timings: timingsBody(timings) }),
    });
  return {
    opening: chat ? delta({ role: 'assistant', content: null }, null) : '',
    text: (text, logprobs, timings) =>
      `${head}${JSON.stringify(text)}${logprobs === null ? plain : withLogprobs(logprobs)}${tail}${timings === null ? '' : `,"timings":${JSON.stringify(timingsBody(timings))}`}}\n\n`,
    call: (part, id, timings) => delta({ tool_calls: [callChange(part, id)] }, timings),
    closing(ending, calls) {
      const end = finish(ending, calls);
      const choice = chat ? { ...end, index, delta: {} } : { text: '', index, logprobs: null, ...end };
      return frame({ choices: [choice], ...common, ...closingNumbers(identity, ending) });
    },
  };
}

function callChange(part: Exclude<AnswerPart, { readonly kind: 'text' }>, id: string): object {
  if (part.kind === 'arguments') return { index: part.at, function: { arguments: part.text } };
  return { index: part.at, id, type: 'function', function: { name: part.name, arguments: '' } };
}

/** As llama-server: a lone text completion carries its usage in the last frame, a chat its timings. */
function closingNumbers(identity: ReplyIdentity, ending: Ending): object {
  const timings = timingsBody(ending.timings);
  return identity.kind === 'chat' ? { timings } : { usage: usageBody(identity, [ending]), timings };
}

/** After the last choice: usage in a frame of its own where it was asked for, and the mark that ends the stream. */
export function streamEnd(identity: ReplyIdentity, endings: readonly Ending[], includeUsage: boolean): string {
  const done = 'data: [DONE]\n\n';
  const [first] = endings;
  if (!includeUsage || first === undefined) return done;
  const usage = usageBody(identity, endings);
  return frame({ choices: [], ...commonFields(identity), usage, timings: timingsBody(first.timings) }) + done;
}
