/** Chat messages into the input of a chat template, as llama-server prepares them. Pure; rendering is the caller's. */

import { ApiError } from './api-error.ts';
import { isRecord } from './fields.ts';
import type { Body } from './fields.ts';

export interface ChatInput {
  readonly variables: Readonly<Record<string, unknown>>;
  /** Text of a last assistant message, which the answer continues; empty otherwise. */
  readonly prefill: string;
}

export interface TemplateTokens {
  readonly bos: string;
  readonly eos: string;
}

export function readChat(body: Body, tokens: TemplateTokens): ChatInput {
  const list = body['messages'];
  if (list === undefined || list === null) throw new ApiError('invalid_request_error', "'messages' is required");
  if (!Array.isArray(list)) throw new ApiError('invalid_request_error', '"messages" must be a list');
  const messages = list.map(readMessage);
  const last = messages.at(-1);
  const continues = last?.['role'] === 'assistant' && last['tool_calls'] === undefined;
  const tools = readTools(body);
  return {
    prefill: continues ? String(last['content'] ?? '') : '',
    variables: {
      messages: continues ? messages.slice(0, -1) : messages,
      add_generation_prompt: true,
      bos_token: tokens.bos,
      eos_token: tokens.eos,
      ...(tools.length > 0 ? { tools } : {}),
      ...(isRecord(body['chat_template_kwargs']) ? body['chat_template_kwargs'] : {}),
    },
  };
}

function readTools(body: Body): readonly unknown[] {
  const { tools } = body;
  if (tools === undefined || tools === null || body['tool_choice'] === 'none') return [];
  if (!Array.isArray(tools)) throw new ApiError('invalid_request_error', '"tools" must be a list');
  return tools;
}

function readMessage(value: unknown, at: number): Body {
  if (!isRecord(value)) throw new ApiError('invalid_request_error', `messages[${at}] must be an object`);
  if (typeof value['role'] !== 'string') {
    throw new ApiError('invalid_request_error', `messages[${at}] has no "role"`);
  }
  const content = flatContent(value['content'], at);
  const calls = Array.isArray(value['tool_calls']) ? value['tool_calls'].map(readToolCall) : undefined;
  return { ...value, content, ...(calls === undefined ? {} : { tool_calls: calls }) };
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
  throw new ApiError('not_supported_error', `messages[${at}]: content of type "${type}" is not supported`);
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
