/** A request of the Responses API: understood, and as a chat completion. Nothing is stored: each request says everything. Pure. */

import { AppError } from '../../../contract/errors.ts';
import { newAnswerId } from '../answer-id.ts';
import type { ClientCall, ParsedCall } from '../call.ts';
import { chatCall } from '../chat/chat-call.ts';
import { plainTurns } from '../chat/turns.ts';
import { given, invalidField, isFields, listOf, requestFields, textOf, without } from '../fields.ts';
import type { Fields } from '../fields.ts';
import { chatMessagesOf } from './input.ts';
import { ResponsesTelling } from './telling.ts';
import { chatName, isNamespace, toolNameIn, toolNamesOf } from './tool-names.ts';
import { eventNumbers, responsesWire } from './wire.ts';

/** Fields that a chat completion has under another name, and those that mean nothing to a local model. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  'input',
  'instructions',
  'tools',
  'tool_choice',
  'max_output_tokens',
  'text',
  'stream',
  'stream_options',
  'reasoning',
  'include',
  'store',
  'truncation',
  'previous_response_id',
  'conversation',
  'background',
  'max_tool_calls',
  'prompt',
  'metadata',
  'client_metadata',
  'service_tier',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'top_logprobs',
  'user',
]);

/** `createdAt` is in seconds since the epoch. */
export function parseResponses(body: Buffer, createdAt: number): ParsedCall {
  try {
    const fields = requestFields(body);
    if (fields === null) throw invalidField(null, 'the body is not a JSON object');
    return { kind: 'ok', call: readResponses(fields, createdAt) };
  } catch (error) {
    if (error instanceof AppError) return { kind: 'invalid', error };
    throw error;
  }
}

function readResponses(fields: Fields, createdAt: number): ClientCall {
  const { model, stream, max_output_tokens: maxTokens } = fields;
  if (typeof model !== 'string' || model === '') throw invalidField('model', '"model" must be the name of a model');
  if ((stream ?? null) !== null && typeof stream !== 'boolean') {
    throw invalidField('stream', '"stream" must be true or false');
  }
  refuseStored(fields);
  const streams = stream === true;
  const chat = toChat(fields);
  const tools = toolNamesOf(fields['tools']);
  const face = { id: newAnswerId('resp'), createdAt, model, request: echoOf(fields), tools };
  const nextNumber = eventNumbers();
  return {
    model,
    stream: streams,
    maxTokens: typeof maxTokens === 'number' ? maxTokens : null,
    wire: responsesWire(nextNumber),
    conversation: fields,
    forEngine: () => chatCall(chat, streams, new ResponsesTelling(face, nextNumber)),
  };
}

/** Answers are not kept here, so nothing can go on from one. */
function refuseStored(fields: Fields): void {
  for (const name of ['previous_response_id', 'conversation', 'prompt']) {
    if ((fields[name] ?? null) !== null) {
      throw invalidField(name, `"${name}" needs a stored answer, and none is stored here: send the whole input`);
    }
  }
  if (fields['background'] === true) throw invalidField('background', '"background" is not supported');
}

/** What a response repeats of its request. */
function echoOf(fields: Fields): Fields {
  return {
    instructions: fields['instructions'] ?? null,
    metadata: fields['metadata'] ?? {},
    parallel_tool_calls: fields['parallel_tool_calls'] ?? true,
    temperature: fields['temperature'] ?? null,
    top_p: fields['top_p'] ?? null,
    max_output_tokens: fields['max_output_tokens'] ?? null,
    tool_choice: fields['tool_choice'] ?? 'auto',
    tools: listOf(fields['tools']),
    text: fields['text'] ?? { format: { type: 'text' } },
    reasoning: fields['reasoning'] ?? null,
    previous_response_id: null,
    store: false,
    truncation: 'disabled',
  };
}

/** The same request as the body of a chat completion, without `stream`. */
function toChat(fields: Fields): Fields {
  const instructions = textOf(fields['instructions']);
  const said = chatMessagesOf(fields['input']);
  const tools = listOf(fields['tools']).flatMap((tool) => chatTools(tool));
  return given({
    ...without(fields, OWN_FIELDS),
    messages: plainTurns(instructions === '' ? said : [{ role: 'system', content: instructions }, ...said]),
    max_tokens: fields['max_output_tokens'],
    response_format: responseFormat(fields['text']),
    // without a tool that can be called, how to call them means nothing
    ...(tools.length === 0
      ? { parallel_tool_calls: undefined }
      : { tools, tool_choice: chatToolChoice(fields['tool_choice']) }),
  });
}

/** Tools of other types are run by OpenAI's servers or by rules of their own: they are left out, not refused. */
function chatTools(tool: unknown, namespace = ''): readonly Fields[] {
  if (!isFields(tool)) return [];
  if (isNamespace(tool)) return listOf(tool['tools']).flatMap((inner) => chatTools(inner, textOf(tool['name'])));
  if (tool['type'] !== 'function') return [];
  const { description, parameters, strict } = tool;
  const name = chatName({ name: textOf(tool['name']), namespace });
  return [{ type: 'function', function: given({ name, description, parameters, strict }) }];
}

function chatToolChoice(choice: unknown): unknown {
  if (!isFields(choice)) return choice;
  if (choice['type'] === 'function') return { type: 'function', function: { name: toolNameIn(choice) } };
  return choice['mode'] ?? 'auto'; // a list of allowed tools, or a tool that does not exist here
}

function responseFormat(text: unknown): unknown {
  const format = isFields(text) && isFields(text['format']) ? text['format'] : {};
  if (format['type'] === 'json_object') return { type: 'json_object' };
  if (format['type'] !== 'json_schema') return undefined;
  const { name, description, schema, strict } = format;
  return { type: 'json_schema', json_schema: given({ name, description, schema, strict }) };
}
