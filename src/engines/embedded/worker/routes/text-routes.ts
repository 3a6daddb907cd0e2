/** The small text routes: tokens, templates, embeddings. */

import type { IncomingMessage } from 'node:http';

import { ApiError, contextExceeded } from '../api-error.ts';
import { readJson } from '../http.ts';
import type { ReadyEngine } from '../ready-engine.ts';
import { readChat } from '../request/chat-prompt.ts';
import { asBody, booleanField, listField, numberField, stringField } from '../request/fields.ts';
import type { Body } from '../request/fields.ts';
import { ownTokens } from '../request/prompts.ts';
import { readTools } from '../tools/tool-request.ts';

const BYTES_LOST = '\uFFFD';

export async function tokenizeRoute(call: IncomingMessage, { model }: ReadyEngine): Promise<object> {
  const body = asBody(await readJson(call));
  const { content } = body;
  if (typeof content !== 'string') throw new ApiError('invalid_request_error', '"content" must be a string');
  const special = booleanField(body, 'parse_special', true);
  const whole = booleanField(body, 'add_special', false) && special;
  const tokens = whole ? model.tokenizePrompt(content) : model.tokenize(content, special);
  if (!booleanField(body, 'with_pieces', false)) return { tokens };
  return { tokens: tokens.map((id) => ({ id, piece: pieceOf(id, model) })) };
}

/** A token that is a part of a character is told as its bytes. */
function pieceOf(id: number, model: ReadyEngine['model']): string | readonly number[] {
  const text = model.detokenize([id]);
  return text.includes(BYTES_LOST) ? [...model.bytesOf(id)] : text;
}

export async function detokenizeRoute(call: IncomingMessage, { model }: ReadyEngine): Promise<object> {
  const { tokens } = asBody(await readJson(call));
  if (!Array.isArray(tokens)) throw new ApiError('invalid_request_error', '"tokens" must be a list of token ids');
  return { content: model.detokenize(ownTokens(tokens, model.sheet)) };
}

export async function applyTemplateRoute(call: IncomingMessage, engine: ReadyEngine): Promise<object> {
  return { prompt: promptText(asBody(await readJson(call)), engine) };
}

/** What a chat completion of the same body would have to read. */
export async function chatTokensRoute(call: IncomingMessage, engine: ReadyEngine): Promise<object> {
  const prompt = promptText(asBody(await readJson(call)), engine);
  return { object: 'response.input_tokens', input_tokens: engine.model.tokenizePrompt(prompt).length };
}

function promptText(body: Body, { model }: ReadyEngine): string {
  const tools = readTools(body)?.tools.map(({ given }) => given) ?? [];
  const { variables, prefill } = readChat(body, model.sheet, tools);
  return model.renderChat(variables) + prefill;
}

/** As OpenAI allows. */
const MOST_INPUTS = 2_048;

export async function embeddingsRoute(call: IncomingMessage, engine: ReadyEngine): Promise<object> {
  const body = asBody(await readJson(call));
  const write = vectorWriter(body);
  const inputs = readInputs(body, engine);
  const width = engine.model.sheet.embeddingLength;
  numberField(body, ['dimensions'], width, { least: width, most: width, whole: true });
  const data = [];
  for (const [index, tokens] of inputs.entries()) {
    if (call.socket.destroyed) break; // nobody reads the rest
    data.push({ object: 'embedding', index, embedding: write(await engine.model.embed(tokens)) });
  }
  const read = inputs.reduce((sum, tokens) => sum + tokens.length, 0);
  return {
    object: 'list',
    model: stringField(body, 'model') ?? engine.options.alias,
    data,
    usage: { prompt_tokens: read, total_tokens: read },
  };
}

/** A text, a list of texts, token numbers, or a list of lists of those. */
function readInputs(body: Body, { model, decoder }: ReadyEngine): readonly (readonly number[])[] {
  const given = listField(body, 'input', 'a text, a list of texts, or token numbers');
  const list: readonly unknown[] = given.every((item) => typeof item === 'number') ? [given] : given;
  if (list.length > MOST_INPUTS)
    throw new ApiError('invalid_request_error', `"input" has more than ${MOST_INPUTS} items`);
  return list.map((item, at) => {
    const tokens =
      typeof item === 'string' ? model.tokenizePrompt(item) : Array.isArray(item) ? ownTokens(item, model.sheet) : [];
    if (tokens.length === 0)
      throw new ApiError('invalid_request_error', `"input"[${at}] must be a text or token numbers, and not empty`);
    if (tokens.length > decoder.contextSize) throw contextExceeded(tokens.length, decoder.contextSize);
    return tokens;
  });
}

function vectorWriter(body: Body): (vector: readonly number[]) => readonly number[] | string {
  switch (stringField(body, 'encoding_format') ?? 'float') {
    case 'float':
      return (vector) => vector;
    case 'base64':
      return (vector) => Buffer.from(Float32Array.from(vector).buffer).toString('base64');
    default:
      throw new ApiError('invalid_request_error', '"encoding_format" must be "float" or "base64"');
  }
}
