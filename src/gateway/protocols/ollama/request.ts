/** Requests of Ollama's protocol that an engine answers: chat, generate, embed. Pure. */

import { AppError } from '../../../contract/errors.ts';
import { JSON_TYPE } from '../call.ts';
import type { ClientCall, EngineCall, ParsedCall, Telling } from '../call.ts';
import { chatCall, STREAM_DONE } from '../chat/chat-call.ts';
import { given, invalidField, listOf, requestFields, textOf, toBytes } from '../fields.ts';
import type { Fields } from '../fields.ts';
import { infillCall } from '../llama-cpp/infill.ts';
import { chatFields, chatMessages, commonFields, withImages } from './messages.ts';
import { EmbedTelling, OllamaTelling } from './telling.ts';
import type { OllamaFace, OllamaShape } from './telling.ts';
import { ollamaErrors, ollamaWire } from './wire.ts';

/** The model is only to be loaded, or let go: nothing is asked of it. */
interface LoadCall {
  readonly kind: 'load';
  readonly model: string;
  readonly answer: object;
}

export type ParsedOllama = ParsedCall | LoadCall;

/** `now` is the time of the request, in ISO form. */
export function parseOllama(shape: OllamaShape | 'embed' | 'embeddings', body: Buffer, now: string): ParsedOllama {
  try {
    const fields = requestFields(body);
    if (fields === null) throw invalidField(null, 'the body is not a JSON object');
    const { model } = fields;
    if (typeof model !== 'string' || model === '') throw invalidField('model', '"model" must be the name of a model');
    if (shape === 'embed' || shape === 'embeddings') return { kind: 'ok', call: embedCall(shape, fields, model) };
    const { messages } = fields;
    if (shape === 'chat' && (messages ?? null) !== null && !Array.isArray(messages)) {
      throw invalidField('messages', '"messages" must be a list of messages');
    }
    const face = { shape, model, createdAt: now };
    return isLoad(shape, fields) ? loadCall(fields, face) : { kind: 'ok', call: talkCall(fields, face) };
  } catch (error) {
    if (error instanceof AppError) return { kind: 'invalid', error };
    throw error;
  }
}

function isLoad(shape: OllamaShape, fields: Fields): boolean {
  return shape === 'chat' ? listOf(fields['messages']).length === 0 : textOf(fields['prompt']) === '';
}

function loadCall(fields: Fields, face: OllamaFace): LoadCall {
  const unloads = fields['keep_alive'] === 0 || fields['keep_alive'] === '0';
  const said = face.shape === 'chat' ? { message: { role: 'assistant', content: '' } } : { response: '' };
  const answer = { model: face.model, created_at: face.createdAt, ...said, done: true };
  return { kind: 'load', model: face.model, answer: { ...answer, done_reason: unloads ? 'unload' : 'load' } };
}

function talkCall(fields: Fields, face: OllamaFace): ClientCall {
  const stream = fields['stream'] !== false;
  const telling = (): Telling => new OllamaTelling(face);
  const { max_tokens: limit } = commonFields(fields);
  const make = engineCallOf(fields, face, stream);
  return {
    model: face.model,
    stream,
    maxTokens: typeof limit === 'number' ? limit : null,
    wire: ollamaWire(() => new OllamaTelling(face).silence()),
    conversation: fields,
    forEngine: () => make(telling()),
  };
}

function engineCallOf(fields: Fields, face: OllamaFace, stream: boolean): (telling: Telling) => EngineCall {
  const { model } = face;
  if (face.shape === 'chat') {
    const body = { model, messages: chatMessages(fields['messages']), ...chatFields(fields) };
    return (telling) => chatCall(body, stream, telling);
  }
  const prompt = textOf(fields['prompt']);
  const suffix = textOf(fields['suffix']);
  const common = { model, ...commonFields(fields) };
  if (suffix !== '') return (telling) => infillCall({ ...common, prompt, suffix, stream }, telling);
  if (fields['raw'] === true) return (telling) => textCall({ ...common, prompt, stream }, telling);
  const system = textOf(fields['system']);
  const messages = [
    ...(system === '' ? [] : [{ role: 'system', content: system }]),
    { role: 'user', content: withImages(prompt, fields['images']) },
  ];
  const body = { model, messages, ...chatFields(fields) };
  return (telling) => chatCall(body, stream, telling);
}

function textCall(body: Fields, telling: Telling): EngineCall {
  return {
    path: '/v1/completions',
    contentType: JSON_TYPE,
    body: toBytes(body),
    streamEnd: STREAM_DONE,
    telling,
  };
}

function embedCall(shape: 'embed' | 'embeddings', fields: Fields, model: string): ClientCall {
  const input = shape === 'embed' ? fields['input'] : fields['prompt'];
  if (typeof input !== 'string' && !Array.isArray(input)) {
    const name = shape === 'embed' ? 'input' : 'prompt';
    throw invalidField(name, `"${name}" must be a text${shape === 'embed' ? ' or a list of texts' : ''}`);
  }
  const body = toBytes(given({ model, input, encoding_format: 'float', dimensions: fields['dimensions'] }));
  return {
    model,
    stream: false,
    maxTokens: 0,
    wire: ollamaErrors,
    conversation: null,
    forEngine: () => ({
      path: '/v1/embeddings',
      contentType: JSON_TYPE,
      body,
      streamEnd: STREAM_DONE,
      telling: new EmbedTelling(shape, model),
    }),
  };
}
