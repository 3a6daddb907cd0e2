/** A completion or chat request, read and made ready for the batch loop. Knows nothing of HTTP. */

import { ApiError, contextExceeded } from './api-error.ts';
import { readChat } from './chat-prompt.ts';
import { readConstraint } from './constraint.ts';
import { booleanField, numberField, recordField, stringField, stringListField } from './fields.ts';
import type { Body } from './fields.ts';
import type { Generation } from './generation.ts';
import { readSampling } from './sampling-fields.ts';
import type { TextModel } from './text-model.ts';

export interface CompletionRequest {
  readonly generation: Generation;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly timingsPerToken: boolean;
  /** What the client calls the model; null takes our alias. */
  readonly model: string | null;
}

export interface RequestTools {
  readonly model: TextModel;
  /** Tokens that one slot holds. */
  readonly contextSize: number;
}

/** Rejects with an ApiError that names the field. */
export async function readCompletionRequest(
  kind: 'chat' | 'text',
  body: Body,
  { model, contextSize }: RequestTools,
): Promise<CompletionRequest> {
  const prompt = kind === 'chat' ? chatPrompt(body, model) : textPrompt(body, model);
  if (prompt.length >= contextSize) throw contextExceeded(prompt.length, contextSize);
  const maxTokens = numberField(body, ['max_completion_tokens', 'max_tokens', 'n_predict'], -1, { least: -1 });
  const sampling = readSampling(body, {
    tokenize: (text) => model.tokenize(text, false),
    endings: model.endings,
    contextSize,
  });
  const constraint = readConstraint(body);
  return {
    generation: {
      prompt,
      maxTokens: maxTokens < 0 ? Infinity : Math.floor(maxTokens),
      stop: stringListField(body, 'stop'),
      sampling,
      grammar: constraint === null ? null : await model.compile(constraint),
      reusePrompt: booleanField(body, 'cache_prompt', true),
    },
    stream: booleanField(body, 'stream', false),
    includeUsage: booleanField(recordField(body, 'stream_options') ?? {}, 'include_usage', false),
    timingsPerToken: booleanField(body, 'timings_per_token', false),
    model: stringField(body, 'model'),
  };
}

function chatPrompt(body: Body, model: TextModel): readonly number[] {
  const { variables, prefill } = readChat(body, model.sheet);
  return model.tokenizePrompt(model.renderChat(variables) + prefill);
}

/** A text, or token ids, or a list that mixes both. Several prompts in one request are refused. */
function textPrompt(body: Body, model: TextModel): readonly number[] {
  const { prompt } = body;
  if (prompt === undefined || prompt === null) throw new ApiError('invalid_request_error', '"prompt" is required');
  if (typeof prompt === 'string') return notEmpty(model.tokenizePrompt(prompt));
  if (!Array.isArray(prompt)) throw new ApiError('invalid_request_error', '"prompt" must be a string or a list');
  const parts: readonly unknown[] = prompt;
  if (parts.length > 1 && parts.every((part) => typeof part === 'string')) {
    throw new ApiError('not_supported_error', 'several prompts in one request are not supported');
  }
  return notEmpty(parts.flatMap((part, at) => promptPart(part, at, model)));
}

function promptPart(part: unknown, at: number, model: TextModel): readonly number[] {
  if (typeof part === 'string') return at === 0 ? model.tokenizePrompt(part) : model.tokenize(part, true);
  const known = typeof part === 'number' && Number.isInteger(part) && part >= 0 && part < model.sheet.vocabularySize;
  if (known) return [part];
  throw new ApiError('invalid_request_error', `"prompt"[${at}] is no text and no token of this model`);
}

function notEmpty(tokens: readonly number[]): readonly number[] {
  if (tokens.length > 0) return tokens;
  throw new ApiError('invalid_request_error', '"prompt" is empty');
}
