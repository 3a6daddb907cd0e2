/** A chat completion told as a message of Anthropic's protocol, whole or as its named events. Pure. */

import { assertNever } from '../../../kernel/index.ts';
import { newAnswerId } from '../answer-id.ts';
import type { Telling } from '../call.ts';
import { readChatAnswer } from '../chat/chat-answer.ts';
import type { ChatAnswer, ChatCall } from '../chat/chat-answer.ts';
import { ChatEventReader, NO_CHAT_USAGE } from '../chat/chat-events.ts';
import type { ChatEvent, ChatUsage } from '../chat/chat-events.ts';
import { fieldsOf, toBytes } from '../fields.ts';
import { anthropicFrame } from './wire.ts';

type Ending = Pick<ChatAnswer, 'reason' | 'stoppedBy'>;
type Block = 'text' | 'thinking' | 'tool_use';

export class AnthropicTelling implements Telling {
  readonly #id = newAnswerId('msg');
  readonly #model: string;
  readonly #events = new ChatEventReader();
  /** The block that is open, and how many there were before it. */
  #open: Block | null = null;
  #blocks = 0;
  #ending: Ending = { reason: 'stop', stoppedBy: null };
  #usage = NO_CHAT_USAGE;

  /** `model` is what the client calls it. */
  constructor(model: string) {
    this.#model = model;
  }

  whole(body: Buffer): Buffer {
    const { thought, text, calls, usage, ...ending } = readChatAnswer(body);
    return toBytes({
      ...this.#message(),
      content: [
        ...(thought === '' ? [] : [{ type: 'thinking', thinking: thought, signature: '' }]),
        ...(text === '' && calls.length > 0 ? [] : [{ type: 'text', text }]),
        ...calls.map(toolUse),
      ],
      ...stopFields(ending),
      usage: usageBody(usage),
    });
  }

  push(bytes: Buffer): Buffer {
    return this.#events.retell(bytes, (event) => this.#tell(event));
  }

  end(): Buffer {
    const delta = stopFields(this.#ending);
    return Buffer.from(
      this.#closeBlock() +
        anthropicFrame('message_delta', { type: 'message_delta', delta, usage: usageBody(this.#usage) }) +
        anthropicFrame('message_stop', { type: 'message_stop' }),
    );
  }

  #tell(event: ChatEvent): string {
    switch (event.kind) {
      case 'named':
        return anthropicFrame('message_start', { type: 'message_start', message: this.#message() });
      case 'text':
        return (
          this.#inBlock('text', { type: 'text', text: '' }) + this.#delta({ type: 'text_delta', text: event.text })
        );
      case 'thought': {
        const block = { type: 'thinking', thinking: '', signature: '' };
        return this.#inBlock('thinking', block) + this.#delta({ type: 'thinking_delta', thinking: event.text });
      }
      case 'call':
        return this.#closeBlock() + this.#openBlock('tool_use', toolUse({ ...event, arguments: '{}' }));
      case 'arguments':
        return this.#delta({ type: 'input_json_delta', partial_json: event.text });
      case 'finished':
        this.#ending = event;
        return '';
      case 'counted':
        this.#usage = event.usage;
        return '';
      case 'timed':
        return '';
      default:
        return assertNever(event);
    }
  }

  #message(): object {
    return {
      id: this.#id,
      type: 'message',
      role: 'assistant',
      model: this.#model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: usageBody(NO_CHAT_USAGE),
    };
  }

  #inBlock(kind: Block, block: object): string {
    return this.#open === kind ? '' : this.#closeBlock() + this.#openBlock(kind, block);
  }

  #openBlock(kind: Block, block: object): string {
    this.#open = kind;
    return anthropicFrame('content_block_start', {
      type: 'content_block_start',
      index: this.#blocks,
      content_block: block,
    });
  }

  #delta(delta: object): string {
    return anthropicFrame('content_block_delta', { type: 'content_block_delta', index: this.#blocks, delta });
  }

  #closeBlock(): string {
    if (this.#open === null) return '';
    this.#open = null;
    return anthropicFrame('content_block_stop', { type: 'content_block_stop', index: this.#blocks++ });
  }
}

function toolUse({ id, name, arguments: text }: ChatCall): object {
  return { type: 'tool_use', id, name, input: fieldsOf(text) ?? {} };
}

const STOP_REASONS: Readonly<Record<string, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'refusal',
};

function stopFields({ reason, stoppedBy }: Ending): object {
  const stop_reason = stoppedBy === null ? (STOP_REASONS[reason] ?? 'end_turn') : 'stop_sequence';
  return { stop_reason, stop_sequence: stoppedBy };
}

function usageBody({ tokensIn, tokensOut, cached }: ChatUsage): object {
  return {
    input_tokens: tokensIn - cached,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
    output_tokens: tokensOut,
  };
}
