/** Messages, tools and options of Ollama's requests as fields of a chat completion. Pure; throws an AppError that names the place. */

import { fieldsOf, given, invalidField, isFields, listOf, textOf } from '../fields.ts';
import type { Fields } from '../fields.ts';

/** Options with the same meaning under the same name. All others are about loading, which Drover does by its configs. */
const SAMPLING = [
  'temperature',
  'top_k',
  'top_p',
  'min_p',
  'seed',
  'repeat_penalty',
  'repeat_last_n',
  'presence_penalty',
  'frequency_penalty',
];

/** Everything beside the prompt that chats and texts have in common. */
export function commonFields(fields: Fields): Fields {
  const options = isFields(fields['options']) ? fields['options'] : {};
  const { num_predict: limit, stop } = options;
  return given({
    ...Object.fromEntries(SAMPLING.map((name) => [name, options[name]])),
    stop: listOf(stop).length === 0 && typeof stop !== 'string' ? undefined : stop,
    max_tokens: typeof limit === 'number' && limit >= 0 ? limit : undefined,
    response_format: responseFormat(fields['format']),
  });
}

/** What only chats have: whether the model is to think, and its tools. */
export function chatFields(fields: Fields): Fields {
  const { think, tools } = fields;
  return given({
    ...commonFields(fields),
    tools: listOf(tools).length === 0 ? undefined : tools,
    chat_template_kwargs: templateWish(think),
  });
}

function responseFormat(format: unknown): unknown {
  if (format === 'json') return { type: 'json_object' };
  return isFields(format) ? { type: 'json_schema', json_schema: { name: 'answer', schema: format } } : undefined;
}

function templateWish(think: unknown): unknown {
  if (typeof think === 'boolean') return { enable_thinking: think };
  return typeof think === 'string' ? { enable_thinking: true, reasoning_effort: think } : undefined;
}

export function chatMessages(messages: unknown): readonly Fields[] {
  if (!Array.isArray(messages)) throw invalidField('messages', '"messages" must be a list of messages');
  const ids = new CallIds();
  return messages.map((message, at) => chatMessage(message, at, ids));
}

function chatMessage(message: unknown, at: number, ids: CallIds): Fields {
  if (!isFields(message) || typeof message['role'] !== 'string') {
    throw invalidField('messages', `messages[${at}] must be an object with a "role"`);
  }
  const { role } = message;
  const content = withImages(textOf(message['content']), message['images']);
  if (role === 'tool') return { role, tool_call_id: ids.answer(textOf(message['tool_name'])), content };
  const calls = listOf(message['tool_calls']).flatMap((call) => chatCall(call, ids));
  return { role, content, ...(calls.length === 0 ? {} : { tool_calls: calls }) };
}

export function withImages(text: string, images: unknown): unknown {
  const urls = listOf(images).map((image) => `data:image/png;base64,${textOf(image)}`);
  if (urls.length === 0) return text;
  return [{ type: 'text', text }, ...urls.map((url) => ({ type: 'image_url', image_url: { url } }))];
}

/** Arguments are objects here, and JSON text in a chat completion. */
function chatCall(call: unknown, ids: CallIds): readonly Fields[] {
  const named = isFields(call) && isFields(call['function']) ? call['function'] : null;
  if (named === null) return [];
  const { name, arguments: args } = named;
  const text = typeof args === 'string' && fieldsOf(args) !== null ? args : JSON.stringify(args ?? {});
  return [{ id: ids.call(textOf(name)), type: 'function', function: { name, arguments: text } }];
}

/** Calls have no ids in this protocol: an answer belongs to the oldest call of its tool that has none. */
class CallIds {
  readonly #open: { readonly id: string; readonly name: string }[] = [];
  #count = 0;

  call(name: string): string {
    const id = `call_${this.#count++}`;
    this.#open.push({ id, name });
    return id;
  }

  answer(name: string): string {
    const at = this.#open.findIndex((open) => name === '' || open.name === name);
    return (at === -1 ? undefined : this.#open.splice(at, 1)[0]?.id) ?? `call_${this.#count++}`;
  }
}
