/** A native completion of llama.cpp told as OpenAI's text completion: what a `suffix` is answered with. Pure. */

import { newAnswerId } from '../answer-id.ts';
import type { Telling } from '../call.ts';
import { afterEvent, EMPTY_ANSWER, readChatAnswer } from '../chat/chat-answer.ts';
import type { ChatAnswer } from '../chat/chat-answer.ts';
import { ChatEventReader } from '../chat/chat-events.ts';
import type { ChatEvent, ChatUsage } from '../chat/chat-events.ts';
import { isFields, toBytes } from '../fields.ts';
import type { Fields } from '../fields.ts';

export class TextCompletionTelling implements Telling {
  readonly #face: Fields;
  readonly #includeUsage: boolean;
  readonly #events = new ChatEventReader();
  #answer: ChatAnswer = EMPTY_ANSWER;

  /** `request` says whether a stream ends with its usage; `created` is in seconds since the epoch. */
  constructor(request: Fields, created: number) {
    this.#face = { id: newAnswerId('cmpl'), object: 'text_completion', created, model: request['model'] };
    const options = isFields(request['stream_options']) ? request['stream_options'] : {};
    this.#includeUsage = options['include_usage'] === true;
  }

  whole(body: Buffer): Buffer {
    const { text, reason, usage } = readChatAnswer(body);
    return toBytes({ ...this.#face, choices: [choice(text, reason)], usage: usageBody(usage) });
  }

  push(bytes: Buffer): Buffer {
    return this.#events.retell(bytes, (event) => this.#tell(event));
  }

  end(): Buffer {
    const { reason, usage } = this.#answer;
    const closing = frame({ ...this.#face, choices: [choice('', reason)] });
    const counted = this.#includeUsage ? frame({ ...this.#face, choices: [], usage: usageBody(usage) }) : '';
    return Buffer.from(`${closing}${counted}data: [DONE]\n\n`);
  }

  #tell(event: ChatEvent): string {
    this.#answer = afterEvent(this.#answer, event);
    if (event.kind === 'text') return frame({ ...this.#face, choices: [choice(event.text, null)] });
    return '';
  }
}

function choice(text: string, reason: string | null): object {
  return { text, index: 0, logprobs: null, finish_reason: reason };
}

function usageBody({ tokensIn, tokensOut }: ChatUsage): object {
  return { prompt_tokens: tokensIn, completion_tokens: tokensOut, total_tokens: tokensIn + tokensOut };
}

function frame(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
