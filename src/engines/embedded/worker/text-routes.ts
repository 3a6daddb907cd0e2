/** The small text routes: tokens, templates, embeddings. */

import type { IncomingMessage } from 'node:http';

import { ApiError } from './api-error.ts';
import { readChat } from './chat-prompt.ts';
import { asBody, booleanField } from './fields.ts';
import { readJson } from './http.ts';
import type { ReadyEngine } from './ready-engine.ts';

export async function tokenizeRoute(call: IncomingMessage, { model }: ReadyEngine): Promise<object> {
  const body = asBody(await readJson(call));
  const { content } = body;
  if (typeof content !== 'string') throw new ApiError('invalid_request_error', '"content" must be a string');
  const special = booleanField(body, 'parse_special', true);
  const whole = booleanField(body, 'add_special', false) && special;
  const tokens = whole ? model.tokenizePrompt(content) : model.tokenize(content, special);
  if (!booleanField(body, 'with_pieces', false)) return { tokens };
  return { tokens: tokens.map((id) => ({ id, piece: model.detokenize([id]) })) };
}

export async function detokenizeRoute(call: IncomingMessage, { model }: ReadyEngine): Promise<object> {
  const { tokens } = asBody(await readJson(call));
  const known = (token: unknown): token is number =>
    typeof token === 'number' && Number.isInteger(token) && token >= 0 && token < model.sheet.vocabularySize;
  if (!Array.isArray(tokens) || !tokens.every(known)) {
    throw new ApiError('invalid_request_error', '"tokens" must be a list of token ids of this model');
  }
  return { content: model.detokenize(tokens) };
}

export async function applyTemplateRoute(call: IncomingMessage, { model }: ReadyEngine): Promise<object> {
  const { variables, prefill } = readChat(asBody(await readJson(call)), model.sheet);
  return { prompt: model.renderChat(variables) + prefill };
}

export async function embeddingsRoute(call: IncomingMessage, { model, options }: ReadyEngine): Promise<object> {
  const body = asBody(await readJson(call));
  const input: readonly unknown[] = Array.isArray(body['input']) ? body['input'] : [body['input']];
  if (input.length === 0 || !input.every((text) => typeof text === 'string' && text !== '')) {
    throw new ApiError('invalid_request_error', '"input" must be a text or a list of texts');
  }
  const results = [];
  for (const text of input as readonly string[]) results.push(await model.embed(text));
  const tokens = results.reduce((sum, result) => sum + result.tokens, 0);
  return {
    object: 'list',
    model: typeof body['model'] === 'string' ? body['model'] : options.alias,
    data: results.map(({ vector }, index) => ({ object: 'embedding', index, embedding: vector })),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}
