/**
 * One whole chat completion out of a stream: for callers who want it whole, of engines that notice only while they
 * stream that nobody waits any more. It holds what callers in this process read: text, end, usage. Pure.
 */

import type { Fold } from '../call.ts';
import { toBytes } from '../fields.ts';
import { afterEvent, EMPTY_ANSWER } from './chat-answer.ts';
import { ChatEventReader } from './chat-events.ts';

export class ChatFold implements Fold {
  readonly #reader = new ChatEventReader();
  #answer = EMPTY_ANSWER;

  push(frames: Buffer): void {
    this.#answer = this.#reader.push(frames).reduce(afterEvent, this.#answer);
  }

  end(): Buffer {
    const { model, text, reason, usage } = this.#answer;
    const message = { role: 'assistant', content: text };
    return toBytes({
      object: 'chat.completion',
      model,
      choices: [{ index: 0, message, finish_reason: reason }],
      usage: { prompt_tokens: usage.tokensIn, completion_tokens: usage.tokensOut },
    });
  }
}
