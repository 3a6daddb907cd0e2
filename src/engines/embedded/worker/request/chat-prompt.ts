/** Chat messages into the input of a chat template, as llama-server prepares them. Pure; rendering is the caller's. */

import { ApiError } from '../api-error.ts';
import { booleanField, isRecord, recordField, stringField } from './fields.ts';
import type { Body } from './fields.ts';

interface ChatInput {
  readonly variables: Readonly<Record<string, unknown>>;
  /** Text of a last assistant message, which the answer continues; empty otherwise. */
  readonly prefill: string;
}

/** What the model's own template needs and can do. */
interface TemplateSheet {
  readonly template: string | null;
  readonly bos: string;
  readonly eos: string;
}

/** `tools` are those that the model is told of. */
export function readChat(body: Body, sheet: TemplateSheet, tools: readonly unknown[]): ChatInput {
  const list = body['messages'];
  if (list === undefined || list === null) throw new ApiError('invalid_request_error', "'messages' is required");
  if (!Array.isArray(list)) throw new ApiError('invalid_request_error', '"messages" must be a list');
  const messages = list.map(readMessage);
  const last = messages.at(-1);
  const continues = last?.['role'] === 'assistant' && last['tool_calls'] === undefined;
  return {
    prefill: continues ? String(last['content'] ?? '') : '',
    variables: {
      ...readEffort(body, sheet.template ?? ''),
      ...recordField(body, 'chat_template_kwargs'),
      messages: continues ? messages.slice(0, -1) : messages,
      add_generation_prompt: booleanField(body, 'add_generation_prompt', true),
      bos_token: sheet.bos,
      eos_token: sheet.eos,
      ...(tools.length > 0 ? { tools } : {}),
    },
  };
}

/** How hard a model thinks is its template's business; `none` switches thinking off. */
function readEffort(body: Body, template: string): Body {
  const effort = stringField(body, 'reasoning_effort');
  if (effort === null) return {};
  const variable = effort === 'none' ? 'enable_thinking' : 'reasoning_effort';
  if (template.includes(variable)) return effort === 'none' ? { enable_thinking: false } : { reasoning_effort: effort };
  throw new ApiError(
    'invalid_request_error',
    `"reasoning_effort" ${effort} is nothing the template of this model knows`,
  );
}

function readMessage(value: unknown, at: number): Body {
  if (!isRecord(value)) throw new ApiError('invalid_request_error', `messages[${at}] must be an object`);
  if (typeof value['role'] !== 'string') {
    throw new ApiError('invalid_request_error', `messages[${at}] has no "role"`);
  }
  const content = flatContent(value['content'], at);
  const calls = Array.isArray(value['tool_calls']) ? value['tool_calls'].map(readToolCall) : undefined;
  // Templates know the older name of this role.
  const role = value['role'] === 'developer' ? 'system' : value['role'];
  return { ...value, role, content, ...(calls === undefined ? {} : { tool_calls: calls }) };
}

/** Parts of text become one text: few templates take lists. */
function flatContent(content: unknown, at: number): string {
  if (content === undefined || content === null) return '';
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) {
    throw new ApiError('invalid_request_error', `messages[${at}].content must be a string or a list of parts`);
  }
  return content.map((part) => partText(part, at)).join('');
}

function partText(part: unknown, at: number): string {
  if (isRecord(part) && part['type'] === 'text' && typeof part['text'] === 'string') return part['text'];
  const type = isRecord(part) ? String(part['type']) : typeof part;
  throw new ApiError('invalid_request_error', `messages[${at}]: content of type "${type}" is not supported`);
}

/** Templates print arguments as JSON; clients send them as JSON text. */
function readToolCall(call: unknown): unknown {
  if (!isRecord(call) || !isRecord(call['function'])) return call;
  const args = call['function']['arguments'];
  if (typeof args !== 'string') return call;
  return { ...call, function: { ...call['function'], arguments: parsedOrText(args) } };
}

function parsedOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // a model's own broken arguments stay readable to it
  }
}
