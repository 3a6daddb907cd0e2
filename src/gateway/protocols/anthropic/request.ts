/** A request of Anthropic's messages protocol: understood, and as a chat completion. Pure. */

import { AppError } from '../../../contract/errors.ts';
import type { ClientCall, EngineCall, EngineKind, ParsedCall } from '../call.ts';
import { chatCall } from '../chat/chat-call.ts';
import { plainTurns } from '../chat/turns.ts';
import { given, invalidField, isFields, listOf, requestFields, textOf, without } from '../fields.ts';
import type { Fields } from '../fields.ts';
import { chatMessages, systemText } from './content.ts';
import { AnthropicTelling } from './telling.ts';
import { anthropicWire } from './wire.ts';

/** Fields that a chat completion has under another name, and those that mean nothing to a local model. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  'system',
  'messages',
  'tools',
  'tool_choice',
  'stop_sequences',
  'stream',
  'thinking',
  'metadata',
  'service_tier',
  'container',
  'context_management',
  'mcp_servers',
  'output_config',
  'output_format',
  'cache_control',
  'betas',
  'inference_geo',
  'speed',
]);

export function parseMessages(body: Buffer): ParsedCall {
  try {
    return { kind: 'ok', call: readMessages(readFields(body)) };
  } catch (error) {
    if (error instanceof AppError) return { kind: 'invalid', error };
    throw error;
  }
}

/** The chat whose tokens are to be counted. */
export function parseTokenCount(
  body: Buffer,
):
  | { readonly kind: 'ok'; readonly model: string; readonly chat: Fields }
  | { readonly kind: 'invalid'; error: AppError } {
  try {
    const fields = readFields(body);
    const { messages, tools } = toChat(fields);
    return { kind: 'ok', model: modelOf(fields), chat: given({ messages, tools }) };
  } catch (error) {
    if (error instanceof AppError) return { kind: 'invalid', error };
    throw error;
  }
}

function readFields(body: Buffer): Fields {
  const fields = requestFields(body);
  if (fields === null) throw invalidField(null, 'the body is not a JSON object');
  return fields;
}

function readMessages(fields: Fields): ClientCall {
  const model = modelOf(fields);
  const stream = flag(fields, 'stream');
  const maxTokens = fields['max_tokens'];
  if (typeof maxTokens !== 'number' || !Number.isInteger(maxTokens) || maxTokens < 1) {
    throw invalidField('max_tokens', '"max_tokens" must be a whole number of at least 1');
  }
  const chat = toChat(fields);
  const call = (kind: EngineKind): EngineCall =>
    chatCall({ ...chat, ...engineWishes(kind, fields) }, stream, new AnthropicTelling(model));
  return { model, stream, maxTokens, wire: anthropicWire, conversation: fields, forEngine: call };
}

/** What only a llama-server knows to do: to end a thought that grows too long. */
function engineWishes(kind: EngineKind, { thinking }: Fields): Fields {
  const isBounded = kind === 'llama-server' && isFields(thinking) && thinking['type'] === 'enabled';
  return isBounded ? given({ thinking_budget_tokens: thinking['budget_tokens'] }) : {};
}

/** The same request as the body of a chat completion, without `stream`. */
function toChat(fields: Fields): Fields {
  const { messages, stop_sequences: stop } = fields;
  if (!Array.isArray(messages) || messages.length === 0) {
    throw invalidField('messages', '"messages" must be a list of messages');
  }
  const system = systemText(fields['system']);
  const said = messages.flatMap(chatMessages);
  const tools = listOf(fields['tools']).flatMap(chatTool);
  return given({
    ...without(fields, OWN_FIELDS),
    messages: plainTurns(system === null ? said : [{ role: 'system', content: system }, ...said]),
    stop: listOf(stop).length === 0 ? undefined : stop,
    response_format: responseFormat(fields),
    ...(tools.length === 0 ? {} : { tools, ...chatToolChoice(fields['tool_choice']) }),
  });
}

/** Older clients name it by itself. */
function responseFormat({ output_config: wishes, output_format: named }: Fields): unknown {
  const format = (isFields(wishes) ? wishes['format'] : null) ?? named;
  if (!isFields(format) || format['type'] !== 'json_schema') return undefined;
  return { type: 'json_schema', json_schema: given({ name: 'answer', schema: format['schema'] }) };
}

/** Tools that Anthropic's servers would run themselves have no schema; nobody can run them here. */
function chatTool(tool: unknown): readonly Fields[] {
  if (!isFields(tool) || !isFields(tool['input_schema'])) return [];
  const { name, description, input_schema: parameters } = tool;
  return [{ type: 'function', function: given({ name, description, parameters }) }];
}

function chatToolChoice(choice: unknown): Fields {
  if (!isFields(choice)) return {};
  const parallel = choice['disable_parallel_tool_use'] === true ? { parallel_tool_calls: false } : {};
  switch (choice['type']) {
    case 'any':
      return { tool_choice: 'required', ...parallel };
    case 'none':
      return { tool_choice: 'none' };
    case 'tool':
      return { tool_choice: { type: 'function', function: { name: textOf(choice['name']) } } };
    default:
      return { tool_choice: 'auto', ...parallel };
  }
}

function modelOf({ model }: Fields): string {
  if (typeof model === 'string' && model !== '') return model;
  throw invalidField('model', '"model" must be the name of a model');
}

function flag(fields: Fields, name: string): boolean {
  const value = fields[name] ?? false;
  if (typeof value === 'boolean') return value;
  throw invalidField(name, `"${name}" must be true or false`);
}
