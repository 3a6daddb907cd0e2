/** A chat completion as a response object of the Responses API, and its output items. Pure. */

import type { ChatAnswer, ChatCall } from '../chat/chat-answer.ts';
import type { ChatUsage } from '../chat/chat-events.ts';
import type { Fields } from '../fields.ts';
import type { CalledTool, ToolNames } from './tool-names.ts';

/** What is known of a response before the model has said anything. */
export interface ResponseFace {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly createdAt: number;
  readonly model: string;
  /** What it repeats of its request. */
  readonly request: Fields;
  readonly tools: ToolNames;
}

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export function openResponse(face: ResponseFace): Fields {
  return {
    ...face.request,
    id: face.id,
    object: 'response',
    created_at: face.createdAt,
    model: face.model,
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    output: [],
    usage: null,
  };
}

export function closedResponse(face: ResponseFace, answer: ChatAnswer, output: readonly Fields[]): Fields {
  const cutOff = answer.reason === 'length';
  return {
    ...openResponse(face),
    status: cutOff ? 'incomplete' : 'completed',
    incomplete_details: cutOff ? { reason: 'max_output_tokens' } : null,
    output,
    output_text: answer.text,
    usage: usageBody(answer.usage),
  };
}

export function reasoningItem(id: string, thought: string, status: ItemStatus): Fields {
  const content = thought === '' ? [] : [{ type: 'reasoning_text', text: thought }];
  return { id, type: 'reasoning', status, summary: [], content };
}

export function messageItem(id: string, text: string, status: ItemStatus): Fields {
  const content = status === 'in_progress' ? [] : [textPart(text)];
  return { id, type: 'message', role: 'assistant', status, content };
}

export function textPart(text: string): Fields {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

/** `call` as the model made it, of the tool that the client knows. */
export function callItem(id: string, call: Omit<ChatCall, 'name'>, called: CalledTool, status: ItemStatus): Fields {
  return { id, type: 'function_call', call_id: call.id, ...called, arguments: call.arguments, status };
}

function usageBody({ tokensIn, tokensOut, cached }: ChatUsage): object {
  return {
    input_tokens: tokensIn,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: tokensOut,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: tokensIn + tokensOut,
  };
}
