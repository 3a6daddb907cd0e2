/**
 * The whole answer of a llama-server put together from its stream: what it would have answered, had it not been asked
 * to stream. Of completions with choices, and of its own.
 */

import type { Fold } from '../call.ts';
import { fieldsOf, given, isFields, listOf, numberOf, toBytes } from '../fields.ts';
import type { Fields } from '../fields.ts';
import { SseReader } from '../sse-reader.ts';
import { merge } from './merged-pieces.ts';
import type { Merged } from './merged-pieces.ts';

/** Of `/v1/chat/completions` and `/v1/completions`. */
export class WholeChoices implements Fold {
  readonly #sse = new SseReader();
  readonly #choices: Merged[] = [];
  #last: Fields = {};

  push(frames: Buffer): void {
    for (const chunk of chunksOf(this.#sse.push(frames))) {
      this.#last = chunk;
      for (const choice of listOf(chunk['choices']).filter(isFields)) {
        merge((this.#choices[numberOf(choice['index'])] ??= {}), choice);
      }
    }
  }

  end(): Buffer | null {
    return isFields(this.#last['usage']) ? toBytes(this.#whole()) : null;
  }

  #whole(): Fields {
    const { choices: _, created, model, system_fingerprint, object, usage, id, timings, ...others } = this.#last;
    const kind = object === 'chat.completion.chunk' ? 'chat.completion' : object;
    const face = { created, model, system_fingerprint, object: kind, usage, id, timings };
    return given({ choices: this.#choices.map(wholeChoice), ...face, ...others });
  }
}

function wholeChoice({ delta, ...choice }: Fields): Fields {
  if (!isFields(delta)) return choice;
  const { finish_reason, index, ...others } = choice;
  return { finish_reason, index, message: wholeMessage(delta), ...others };
}

/** Only calls without a word have no text at all. */
function wholeMessage({ role, content, reasoning_content, tool_calls, ...others }: Fields): Fields {
  const text = content ?? (tool_calls === undefined ? '' : null);
  return { role, content: text, ...given({ reasoning_content, tool_calls }), ...others };
}

/** Of `/completion` and `/infill`. */
export class WholeNative implements Fold {
  readonly #sse = new SseReader();
  readonly #keepsTokens: boolean;
  readonly #pieces: Merged = {};
  #last: Fields = {};

  /** `keepsTokens`: the client wants the numbers of the tokens too. */
  constructor(keepsTokens: boolean) {
    this.#keepsTokens = keepsTokens;
  }

  push(frames: Buffer): void {
    for (const chunk of chunksOf(this.#sse.push(frames))) {
      const { content, tokens, completion_probabilities } = chunk;
      this.#last = chunk;
      merge(this.#pieces, given({ content, tokens, completion_probabilities }));
    }
  }

  end(): Buffer | null {
    return this.#last['stop'] === true ? toBytes(this.#whole()) : null;
  }

  #whole(): Fields {
    const settings = this.#last['generation_settings'];
    return {
      ...this.#last,
      ...this.#pieces,
      ...(this.#keepsTokens ? {} : { tokens: [] }),
      ...(isFields(settings) ? { generation_settings: { ...settings, stream: false } } : {}),
    };
  }
}

function chunksOf(data: readonly string[]): readonly Fields[] {
  return data.map(fieldsOf).filter(isFields);
}
