/** A completion, chat or job request, read and made ready for the batch loop. Knows nothing of HTTP. */

import { ApiError, contextExceeded } from '../api-error.ts';
import type { Decoder } from '../batching/decoder.ts';
import type { Generation } from '../batching/generation.ts';
import type { TextModel } from '../model/text-model.ts';
import { readTools } from '../tools/tool-request.ts';
import type { ToolRequest } from '../tools/tool-request.ts';
import type { ToolSyntax } from '../tools/tool-syntax.ts';
import { planAnswer } from './answer-plan.ts';
import { readChat } from './chat-prompt.ts';
import { asBody, booleanField, numberField, recordField, stringField, stringListField } from './fields.ts';
import type { Body } from './fields.ts';
import { checkParameters } from './parameters.ts';
import type { CompletionKind } from './parameters.ts';
import { readPrompts } from './prompts.ts';
import { readSampling } from './sampling-fields.ts';

export interface CompletionRequest {
  /** One per choice: as many as asked for of the first prompt, then of the second. */
  readonly generations: readonly Generation[];
  readonly promptTokens: number;
  readonly toolSyntax: ToolSyntax | null;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly timingsPerToken: boolean;
  /** What the client calls the model; null takes our alias. */
  readonly model: string | null;
}

/** What of a loaded engine a request is read with. */
export interface RequestTools {
  readonly model: TextModel;
  readonly decoder: Pick<Decoder, 'contextSize' | 'slots'>;
}

/** Rejects with an ApiError that names the field. */
export async function readCompletionRequest(
  kind: CompletionKind,
  given: unknown,
  { model, decoder: { contextSize, slots } }: RequestTools,
): Promise<CompletionRequest> {
  const body = asBody(given);
  checkParameters(kind, body);
  const tools = kind === 'chat' ? readTools(body) : null;
  const limit = { contextSize, tokens: (text: string) => tokensOf(text, model, contextSize) };
  const prompts = isChat(kind, body)
    ? [chatPrompt(body, model, tools, limit.tokens)]
    : readPrompts(body['prompt'], { ...limit, vocabularySize: model.sheet.vocabularySize, many: kind === 'text' });
  const tooLong = prompts.find((prompt) => prompt.length >= contextSize);
  if (tooLong !== undefined) throw contextExceeded(tooLong.length, contextSize);
  const { toolSyntax, ...grammars } = await planAnswer(body, tools, model);
  const maxTokens = numberField(body, ['max_completion_tokens', 'max_tokens', 'n_predict'], -1, {
    least: -1,
    whole: true,
  });
  const common = {
    ...grammars,
    maxTokens: maxTokens < 0 ? Infinity : maxTokens,
    stop: stringListField(body, 'stop'),
    candidates: readCandidates(kind, body),
    showsControl: toolSyntax !== null,
    reusePrompt: booleanField(body, 'cache_prompt', true),
  };
  const sampling = readSampling(body, {
    tokenize: (text) => model.tokenize(text, false),
    endings: model.endings,
    vocabularySize: model.sheet.vocabularySize,
    contextSize,
  });
  const stream = booleanField(body, 'stream', false);
  if (stream && toolSyntax !== null && common.candidates !== null) {
    throw new ApiError('invalid_request_error', '"logprobs" is not supported with "tools" in a stream');
  }
  const choices = numberField(body, ['n', 'n_cmpl'], 1, { least: 1, most: slots, whole: true });
  const options = recordField(body, 'stream_options') ?? {};
  return {
    generations: prompts.flatMap((prompt) =>
      Array.from({ length: choices }, (_, at) => ({
        ...common,
        prompt,
        sampling: { ...sampling, seed: (sampling.seed + at) % 2 ** 32 },
      })),
    ),
    promptTokens: prompts.reduce((sum, prompt) => sum + prompt.length, 0),
    toolSyntax,
    stream,
    includeUsage: readStreamOptions(options),
    timingsPerToken: booleanField(body, 'timings_per_token', false),
    model: stringField(body, 'model'),
  };
}

function isChat(kind: CompletionKind, body: Body): boolean {
  const hasMessages = body['messages'] !== undefined && body['messages'] !== null;
  if (kind === 'job' && hasMessages && typeof body['prompt'] === 'string') {
    throw new ApiError('invalid_request_error', '"prompt" and "messages" cannot both be given');
  }
  return kind === 'chat' || (kind === 'job' && hasMessages);
}

/** Text that is far beyond the context is refused before it costs seconds to tokenise. */
function tokensOf(text: string, model: TextModel, contextSize: number): readonly number[] {
  const least = model.leastTokens(text);
  if (least > contextSize) throw contextExceeded(least, contextSize);
  return model.tokenizePrompt(text);
}

function chatPrompt(
  body: Body,
  model: TextModel,
  tools: ToolRequest | null,
  tokens: (text: string) => readonly number[],
): readonly number[] {
  const told = tools?.tools.map(({ given }) => given) ?? [];
  const { variables, prefill } = readChat(body, model.sheet, told);
  const prompt = tokens(model.renderChat(variables) + prefill);
  if (prompt.length > 0) return prompt;
  throw new ApiError('invalid_request_error', '"messages" make an empty prompt');
}

/** Chats say whether and how many, completions how many; 0 there means none. */
function readCandidates(kind: CompletionKind, body: Body): number | null {
  const most = { least: 0, most: 20, whole: true };
  if (kind !== 'chat') {
    const count = numberField(body, ['n_probs', 'logprobs'], 0, most);
    return count === 0 ? null : count;
  }
  const count = numberField(body, ['top_logprobs', 'n_probs'], 0, most);
  if (booleanField(body, 'logprobs', false)) return count;
  if (body['top_logprobs'] !== undefined && body['top_logprobs'] !== null && count > 0) {
    throw new ApiError('invalid_request_error', '"top_logprobs" requires "logprobs" to be true');
  }
  return count === 0 ? null : count;
}

function readStreamOptions(options: Body): boolean {
  const other = Object.keys(options).find((name) => name !== 'include_usage' && options[name] !== false);
  if (other !== undefined) throw new ApiError('invalid_request_error', `"stream_options.${other}" is not supported`);
  return booleanField(options, 'include_usage', false);
}
