/** One chat completion through the front door, streamed: pieces of text, then how it ended. */

import { AppError } from '../../contract/errors.ts';
import { errorFromBody, readChunks } from '../transport/response.ts';
import { createSseParser } from './sse.ts';
import type { Transport } from '../transport/transport.ts';

/** What is left out is the engine's to decide. */
export interface Sampling {
  readonly maxTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly minP?: number | undefined;
  /** Texts that end the answer and are not part of it. */
  readonly stop?: readonly string[] | undefined;
  readonly seed?: number | undefined;
}

export interface ChatRequest extends Sampling {
  readonly model: string;
  readonly messages: readonly { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }[];
  readonly signal?: AbortSignal | undefined;
}

export interface ChatUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

export type ChatEvent =
  /** The front door has given the request to an instance; not told by whoever is no front door. */
  | { readonly kind: 'opened'; readonly queuedMs: number; readonly instance: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'ended'; readonly finishReason: string | null; readonly usage: ChatUsage | null };

/** Rejects when the answer is an error, also one told in the middle of the stream. Stop reading to abort upstream. */
export async function* streamChat(chat: ChatRequest, transport: Transport): AsyncGenerator<ChatEvent> {
  const reply = await transport({
    method: 'POST',
    path: '/v1/chat/completions',
    body: bodyOf(chat),
    headers: { accept: 'text/event-stream' },
    signal: chat.signal,
  });
  const reader = createChatReader();
  try {
    const chunks = readChunks(reply);
    const first = await chunks.next();
    yield* opened(reply.header('x-drover-queue-ms'), reply.header('x-drover-instance'));
    if (!first.done) yield* reader.feed(first.value);
    for await (const chunk of chunks) yield* reader.feed(chunk);
    yield reader.end();
  } finally {
    reply.close();
  }
}

function bodyOf(chat: ChatRequest): object {
  return {
    model: chat.model,
    messages: chat.messages,
    max_tokens: chat.maxTokens,
    temperature: chat.temperature,
    top_p: chat.topP,
    top_k: chat.topK,
    min_p: chat.minP,
    stop: chat.stop,
    seed: chat.seed,
    stream: true,
    stream_options: { include_usage: true },
  };
}

function opened(queued: string | null | undefined, instance: string | null | undefined): ChatEvent[] {
  return queued && instance ? [{ kind: 'opened', queuedMs: Number(queued), instance }] : [];
}

/** To one who has got his headers while he waited it is told in a comment. */
function openedLate(comment: string): ChatEvent[] {
  const [, queued, instance] = /^started queue_ms=(\S+) .*instance=(\S+)$/.exec(comment) ?? [];
  return opened(queued, instance);
}

interface Chunk {
  readonly error?: unknown;
  readonly choices?: readonly {
    readonly delta?: { readonly content?: string | null };
    readonly finish_reason?: string | null;
  }[];
  readonly usage?: { readonly prompt_tokens?: number; readonly completion_tokens?: number } | null;
}

interface ChatReader {
  /** Lazy: what came before an error is handed out first. */
  feed(text: string): Iterable<ChatEvent>;
  /** Throws when the stream broke off before its end mark. */
  end(): ChatEvent;
}

function createChatReader(): ChatReader {
  const late: ChatEvent[] = [];
  const parser = createSseParser((comment) => late.push(...openedLate(comment)));
  let finishReason: string | null = null;
  let usage: ChatUsage | null = null;
  let complete = false;

  function read(data: string): ChatEvent[] {
    if (data === '[DONE]') {
      complete = true;
      return [];
    }
    const chunk = JSON.parse(data) as Chunk;
    if (chunk.error !== undefined) throw errorFromBody(502, data);
    usage = usageOf(chunk) ?? usage;
    const [choice] = chunk.choices ?? [];
    finishReason = choice?.finish_reason ?? finishReason;
    const text = choice?.delta?.content;
    return text ? [{ kind: 'text', text }] : [];
  }

  return {
    *feed(text) {
      const events = parser.feed(text);
      yield* late.splice(0);
      for (const event of events) yield* read(event.data);
    },
    end() {
      if (complete) return { kind: 'ended', finishReason, usage };
      throw new AppError('ENGINE_FAILED', 'the answer broke off before its end', { hint: 'run "drover ps"' });
    },
  };
}

function usageOf({ usage }: Chunk): ChatUsage | null {
  if (!usage) return null;
  return { promptTokens: usage.prompt_tokens ?? 0, completionTokens: usage.completion_tokens ?? 0 };
}
