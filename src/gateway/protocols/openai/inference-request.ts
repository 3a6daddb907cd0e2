/** What the gateway must know of an OpenAI request body. All other fields pass through untouched. Pure. */

import { JSON_TYPE } from '../call.ts';
import type { EngineCall, ParsedCall } from '../call.ts';
import { STREAM_DONE } from '../chat/chat-call.ts';
import { invalidField, isFields, parseFields, requestFields, toBytes } from '../fields.ts';
import type { Fields } from '../fields.ts';
import { infillCall } from '../llama-cpp/infill.ts';
import { openAi } from './protocol.ts';
import { TextCompletionTelling } from './text-completion.ts';

/** The field that carries the input, and the shapes it may have. */
const INPUT_FIELD = {
  '/v1/chat/completions': { name: 'messages', textAllowed: false },
  '/v1/completions': { name: 'prompt', textAllowed: true },
  '/v1/embeddings': { name: 'input', textAllowed: true },
  '/v1/rerank': { name: 'documents', textAllowed: false },
  '/v1/audio/speech': { name: 'input', textAllowed: true },
  '/v1/images/generations': { name: 'prompt', textAllowed: true },
} as const;

export type InferenceEndpoint = keyof typeof INPUT_FIELD;

export const INFERENCE_ENDPOINTS = Object.keys(INPUT_FIELD) as readonly InferenceEndpoint[]; // its own keys

const STREAMING: ReadonlySet<InferenceEndpoint> = new Set(['/v1/chat/completions', '/v1/completions']);

/** `now` is in seconds since the epoch. */
export function parseInference(endpoint: InferenceEndpoint, body: Buffer, now: number): ParsedCall {
  const fields = requestFields(body);
  if (fields === null) return invalid('the body is not a JSON object', null);
  const problem = problemOf(endpoint, fields);
  if (problem !== null) return problem;
  const maxTokens = fields['max_tokens'] ?? fields['max_completion_tokens'] ?? null;
  const stream = fields['stream'] === true && STREAMING.has(endpoint);
  return {
    kind: 'ok',
    call: {
      model: String(fields['model']),
      stream,
      maxTokens: typeof maxTokens === 'number' ? maxTokens : null,
      wire: openAi,
      conversation: STREAMING.has(endpoint) ? fields : null,
      forEngine: engineCallOf(endpoint, fields, body, now),
    },
  };
}

function engineCallOf(endpoint: InferenceEndpoint, fields: Fields, body: Buffer, now: number): () => EngineCall {
  const { suffix, prompt } = fields;
  if (endpoint === '/v1/completions' && typeof suffix === 'string' && suffix !== '' && typeof prompt === 'string') {
    return () => infillCall(fields, new TextCompletionTelling(fields, now));
  }
  const forwarded = forEngine(fields, body);
  return () => ({
    path: endpoint,
    contentType: JSON_TYPE,
    body: forwarded,
    streamEnd: STREAM_DONE,
    telling: null,
  });
}

function problemOf(endpoint: InferenceEndpoint, fields: Fields): ParsedCall | null {
  const { model, stream } = fields;
  const input = INPUT_FIELD[endpoint];
  const value = fields[input.name];
  if (typeof model !== 'string' || model === '') return invalid('"model" must be the name of a model', 'model');
  if (!Array.isArray(value) && !(input.textAllowed && typeof value === 'string')) {
    return invalid(
      `"${input.name}" must be a list${input.textAllowed ? ' or a text' : ` of ${input.name}`}`,
      input.name,
    );
  }
  if ((stream ?? null) !== null && typeof stream !== 'boolean')
    return invalid('"stream" must be true or false', 'stream');
  return tokenLimitProblem(fields, 'max_tokens') ?? tokenLimitProblem(fields, 'max_completion_tokens');
}

function tokenLimitProblem(fields: Fields, name: string): ParsedCall | null {
  const value = fields[name] ?? null;
  // -1 is llama-server's "no limit"
  const isLimit = value === null || (typeof value === 'number' && Number.isInteger(value) && value >= -1);
  return isLimit ? null : invalid(`"${name}" must be a whole number`, name);
}

function invalid(message: string, param: string | null): ParsedCall {
  return { kind: 'invalid', error: invalidField(param, message) };
}

/** How most bodies begin. */
const NAMED_FIRST = /^\s*\{\s*"model"\s*:\s*"[^"\\]*"/;
const LONGEST_OPENING = 512;

/** The same request under another name of the model. Its bytes are read again only where the name is not at their beginning. */
export function withModel(body: Buffer, model: string): Buffer {
  const [opening] = NAMED_FIRST.exec(body.toString('latin1', 0, LONGEST_OPENING)) ?? [];
  const isNamedOnce = opening !== undefined && !body.includes('"model"', opening.length);
  if (!isNamedOnce) return toBytes({ ...parseFields(body), model });
  if (opening.endsWith(JSON.stringify(model))) return body;
  return Buffer.concat([Buffer.from(`{"model":${JSON.stringify(model)}`), body.subarray(opening.length)]);
}

/** Newer names that engines do not all know: role `developer`, `max_completion_tokens`. */
function forEngine(fields: Fields, body: Buffer): Buffer {
  const { messages, max_completion_tokens: newLimit, max_tokens: limit } = fields;
  const developer = Array.isArray(messages) && messages.some(isFromDeveloper);
  const renameLimit = typeof newLimit === 'number' && limit === undefined;
  if (!developer && !renameLimit) return body;
  return toBytes({
    ...fields,
    ...(developer ? { messages: messages.map(toSystem) } : {}),
    ...(renameLimit ? { max_tokens: newLimit } : {}),
  });
}

function isFromDeveloper(message: unknown): message is Fields {
  return isFields(message) && message['role'] === 'developer';
}

function toSystem(message: unknown): unknown {
  return isFromDeveloper(message) ? { ...message, role: 'system' } : message;
}
