/** A chat completion for a caller in this process: the same queue, slots and tries as at the front door, no HTTP. */

import type { AppError, ErrorCode } from '../contract/errors.ts';
import type { FailureClass } from '../contract/index.ts';
import type { EngineAddress } from './placing/instance-mirror.ts';
import type { ClientCall } from './protocols/call.ts';
import { chatCall } from './protocols/chat/chat-call.ts';
import { openAi } from './protocols/openai/protocol.ts';
import type { ReplySink } from './relay/ending.ts';
import { readUsage } from './relay/usage.ts';
import type { GenerateCall, GenerateResult } from './types.ts';

interface ChatRequest extends Pick<ClientCall, 'wire' | 'forEngine' | 'maxTokens'> {
  readonly bodyBytes: number;
}

export function chatRequest({ system, prompt, params, model }: GenerateCall): ChatRequest {
  const instruction = system === undefined ? [] : [{ role: 'system', content: system }];
  const fields = { ...params, model, messages: [...instruction, { role: 'user', content: prompt }] };
  const call = chatCall(fields, false, null);
  const limit = params['max_tokens'];
  const maxTokens = typeof limit === 'number' ? limit : null;
  return { wire: openAi, forEngine: () => call, maxTokens, bodyBytes: call.body.length };
}

type Collected =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'answer'; readonly status: number; readonly body: Buffer }
  | { readonly kind: 'error'; readonly error: AppError };

/** Keeps one answer in memory. */
export class CollectingSink implements ReplySink {
  #pieces: Buffer[] = [];
  #status = 0;
  #instance = '';
  #device = '';
  #collected: Collected = { kind: 'nothing' };

  placed(engine: EngineAddress): void {
    this.#instance = engine.instance;
    this.#device = engine.device;
  }

  answer(status: number, _contentType: string, body: Buffer): void {
    this.#collected = { kind: 'answer', status, body };
  }

  begin(status: number): void {
    this.#status = status;
  }

  write(bytes: Buffer): boolean {
    this.#pieces.push(bytes);
    return true;
  }

  onDrained(resume: () => void): void {
    resume();
  }

  end(): void {
    this.#collected = { kind: 'answer', status: this.#status, body: Buffer.concat(this.#pieces) };
  }

  fail(error: AppError): void {
    this.#collected = { kind: 'error', error };
  }

  result(): GenerateResult {
    const collected = this.#collected;
    switch (collected.kind) {
      case 'nothing':
        return { kind: 'failed', class: 'infrastructure', message: 'no answer was given' };
      case 'error':
        return fromError(collected.error);
      case 'answer':
        return collected.status < 400
          ? fromAnswer(collected.body, this.#instance, this.#device)
          : fromEngineError(collected.status, collected.body);
    }
  }
}

/** What each refusal or failure means for the retry rules of a task. */
const CLASS_OF: Partial<Record<ErrorCode, FailureClass>> = {
  ABORTED: 'cancelled',
  CONTEXT_LENGTH_EXCEEDED: 'definition',
  INVALID_REQUEST: 'definition',
  MODEL_NOT_FOUND: 'definition',
  QUEUE_FULL: 'backoff',
  TIMEOUT: 'timeout',
};

function fromError(error: AppError): GenerateResult {
  const retryAfterMs = error.detail?.['retry_after_ms'];
  return {
    kind: 'failed',
    class: CLASS_OF[error.code] ?? 'infrastructure',
    message: error.hint === undefined ? error.message : `${error.message}; ${error.hint}`,
    ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
  };
}

function fromEngineError(status: number, body: Buffer): GenerateResult {
  const failureClass = status < 500 ? 'definition' : 'infrastructure';
  return {
    kind: 'failed',
    class: failureClass,
    message: `the engine answered ${status}: ${body.toString('utf8', 0, 500)}`,
  };
}

interface Completion {
  readonly choices?: readonly { readonly message?: { readonly content?: unknown }; readonly finish_reason?: unknown }[];
}

function fromAnswer(body: Buffer, instance: string, device: string): GenerateResult {
  const answer = contentOf(body);
  if (answer === null) return { kind: 'failed', class: 'output', message: 'the engine answered without a text' };
  return { kind: 'done', ...answer, ...(readUsage(body) ?? { tokensIn: 0, tokensOut: 0 }), instance, device };
}

/** Null when the body is no chat completion. A null content (only tool calls, no token) is an empty text. */
function contentOf(body: Buffer): { readonly text: string; readonly cutOff?: true } | null {
  try {
    const choice = (JSON.parse(body.toString('utf8')) as Completion | null)?.choices?.[0]; // checked below
    if (choice?.message === undefined) return null;
    const { content } = choice.message;
    const text = typeof content === 'string' ? content : '';
    return choice.finish_reason === 'length' ? { text, cutOff: true } : { text };
  } catch {
    return null;
  }
}
