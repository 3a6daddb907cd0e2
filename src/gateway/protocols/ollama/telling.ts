/** A completion told in Ollama's protocol: one JSON value, or one per line. Embeddings too. Pure. */

import type { Telling } from '../call.ts';
import { afterEvent, EMPTY_ANSWER, readChatAnswer } from '../chat/chat-answer.ts';
import type { ChatAnswer, ChatCall } from '../chat/chat-answer.ts';
import { ChatEventReader } from '../chat/chat-events.ts';
import type { ChatEvent } from '../chat/chat-events.ts';
import { fieldsOf, isFields, listOf, numberOf, parseFields, toBytes } from '../fields.ts';
import { line } from './wire.ts';

export type OllamaShape = 'chat' | 'generate';

export interface OllamaFace {
  readonly shape: OllamaShape;
  /** What the client calls it. */
  readonly model: string;
  /** ISO time of the request. */
  readonly createdAt: string;
}

const NS_PER_MS = 1_000_000;

export class OllamaTelling implements Telling {
  readonly #face: OllamaFace;
  readonly #events = new ChatEventReader();
  #answer: ChatAnswer = EMPTY_ANSWER;

  constructor(face: OllamaFace) {
    this.#face = face;
  }

  whole(body: Buffer): Buffer {
    const answer = readChatAnswer(body);
    return toBytes({ ...this.#said(answer.text, answer.thought, answer.calls), ...closing(answer) });
  }

  push(bytes: Buffer): Buffer {
    return this.#events.retell(bytes, (event) => this.#tell(event));
  }

  /** Calls are told whole, so they come last. */
  end(): Buffer {
    const { calls } = this.#answer;
    const called = calls.length === 0 ? '' : line({ ...this.#said('', '', calls), done: false });
    return Buffer.from(called + line({ ...this.#said('', '', []), ...closing(this.#answer) }));
  }

  /** A line that adds nothing. */
  silence(): string {
    return line({ ...this.#said('', '', []), done: false });
  }

  #tell(event: ChatEvent): string {
    this.#answer = afterEvent(this.#answer, event);
    if (event.kind === 'text') return line({ ...this.#said(event.text, '', []), done: false });
    if (event.kind === 'thought') return line({ ...this.#said('', event.text, []), done: false });
    return '';
  }

  #said(text: string, thought: string, calls: readonly ChatCall[]): object {
    const thinking = thought === '' ? {} : { thinking: thought };
    const head = { model: this.#face.model, created_at: this.#face.createdAt };
    if (this.#face.shape === 'generate') return { ...head, response: text, ...thinking };
    const tool_calls = calls.map(({ name, arguments: args }) => ({
      function: { name, arguments: fieldsOf(args) ?? {} },
    }));
    const message = { role: 'assistant', content: text, ...thinking };
    return { ...head, message: calls.length === 0 ? message : { ...message, tool_calls } };
  }
}

function closing({ reason, usage, timings }: ChatAnswer): object {
  const { promptMs, predictedMs } = timings;
  return {
    done: true,
    done_reason: reason === 'length' ? 'length' : 'stop',
    total_duration: nanoseconds(promptMs + predictedMs),
    load_duration: 0,
    prompt_eval_count: usage.tokensIn,
    prompt_eval_duration: nanoseconds(promptMs),
    eval_count: usage.tokensOut,
    eval_duration: nanoseconds(predictedMs),
  };
}

function nanoseconds(ms: number): number {
  return Math.round(ms * NS_PER_MS);
}

/** `/api/embed` answers a list of vectors, the older `/api/embeddings` one vector. */
export class EmbedTelling implements Telling {
  readonly #shape: 'embed' | 'embeddings';
  readonly #model: string;

  constructor(shape: 'embed' | 'embeddings', model: string) {
    this.#shape = shape;
    this.#model = model;
  }

  whole(body: Buffer): Buffer {
    const fields = parseFields(body) ?? {};
    const vectors = listOf(fields['data']).map((row) => (isFields(row) ? row['embedding'] : []));
    if (this.#shape === 'embeddings') return toBytes({ embedding: vectors[0] ?? [] });
    const usage = isFields(fields['usage']) ? fields['usage'] : {};
    const prompt_eval_count = numberOf(usage['prompt_tokens']);
    return toBytes({ model: this.#model, embeddings: vectors, total_duration: 0, load_duration: 0, prompt_eval_count });
  }

  /** Nobody streams vectors. */
  push(): Buffer {
    return Buffer.alloc(0);
  }

  end(): Buffer {
    return Buffer.alloc(0);
  }
}
