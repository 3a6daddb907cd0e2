/** What the gateway must know of an OpenAI request body. All other fields pass through untouched. Pure. */

import { AppError } from '../../../contract/errors.ts';

export const INFERENCE_ENDPOINTS = ['/v1/chat/completions', '/v1/completions', '/v1/embeddings'] as const;
export type InferenceEndpoint = (typeof INFERENCE_ENDPOINTS)[number];

export interface InferenceRequest {
  readonly model: string;
  readonly stream: boolean;
  /** Limit of generated tokens; null when the client set none. */
  readonly maxTokens: number | null;
  /** What the engine gets: the client's own bytes, unless a field had to be renamed for it. */
  readonly body: Buffer;
}

export type ParsedRequest =
  | { readonly kind: 'ok'; readonly request: InferenceRequest }
  | { readonly kind: 'invalid'; readonly error: AppError };

type Fields = Readonly<Record<string, unknown>>;

/** The field that carries the input, and the shapes it may have. */
const INPUT_FIELD: Readonly<Record<InferenceEndpoint, { readonly name: string; readonly textAllowed: boolean }>> = {
  '/v1/chat/completions': { name: 'messages', textAllowed: false },
  '/v1/completions': { name: 'prompt', textAllowed: true },
  '/v1/embeddings': { name: 'input', textAllowed: true },
};

export function parseInference(endpoint: InferenceEndpoint, body: Buffer): ParsedRequest {
  const fields = parseFields(body);
  if (fields === null) return invalid('the body is not a JSON object', null);
  const problem = problemOf(endpoint, fields);
  if (problem !== null) return problem;
  const maxTokens = fields['max_tokens'] ?? fields['max_completion_tokens'] ?? null;
  return {
    kind: 'ok',
    request: {
      model: String(fields['model']),
      stream: fields['stream'] === true && endpoint !== '/v1/embeddings',
      maxTokens: typeof maxTokens === 'number' ? maxTokens : null,
      body: forEngine(fields, body),
    },
  };
}

function parseFields(body: Buffer): Fields | null {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}

function problemOf(endpoint: InferenceEndpoint, fields: Fields): ParsedRequest | null {
  const { model, stream } = fields;
  const input = INPUT_FIELD[endpoint];
  const value = fields[input.name];
  if (typeof model !== 'string' || model === '') return invalid('"model" must be the name of a model', 'model');
  if (!Array.isArray(value) && !(input.textAllowed && typeof value === 'string')) {
    return invalid(`"${input.name}" must be a list${input.textAllowed ? ' or a text' : ' of messages'}`, input.name);
  }
  if ((stream ?? null) !== null && typeof stream !== 'boolean')
    return invalid('"stream" must be true or false', 'stream');
  return tokenLimitProblem(fields, 'max_tokens') ?? tokenLimitProblem(fields, 'max_completion_tokens');
}

function tokenLimitProblem(fields: Fields, name: string): ParsedRequest | null {
  const value = fields[name] ?? null;
  // -1 is llama-server's "no limit"
  const isLimit = value === null || (typeof value === 'number' && Number.isInteger(value) && value >= -1);
  return isLimit ? null : invalid(`"${name}" must be a whole number`, name);
}

function invalid(message: string, param: string | null): ParsedRequest {
  return { kind: 'invalid', error: new AppError('INVALID_REQUEST', message, { detail: { param } }) };
}

/** The same request under another name of the model. */
export function withModel(body: Buffer, model: string): Buffer {
  return Buffer.from(JSON.stringify({ ...parseFields(body), model }));
}

/** Newer names that engines do not all know: role `developer`, `max_completion_tokens`. */
function forEngine(fields: Fields, body: Buffer): Buffer {
  const { messages, max_completion_tokens: newLimit, max_tokens: limit } = fields;
  const developer = Array.isArray(messages) && messages.some(isFromDeveloper);
  const renameLimit = typeof newLimit === 'number' && limit === undefined;
  if (!developer && !renameLimit) return body;
  const renamed = {
    ...fields,
    ...(developer ? { messages: messages.map(toSystem) } : {}),
    ...(renameLimit ? { max_tokens: newLimit } : {}),
  };
  return Buffer.from(JSON.stringify(renamed));
}

function isFromDeveloper(message: unknown): message is Fields {
  return typeof message === 'object' && message !== null && 'role' in message && message.role === 'developer';
}

function toSystem(message: unknown): unknown {
  return isFromDeveloper(message) ? { ...message, role: 'system' } : message;
}
