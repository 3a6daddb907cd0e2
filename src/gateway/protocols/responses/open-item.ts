/** One output item of a streamed response while it is being told: its events from the first to the last. Pure. */

import { newAnswerId } from '../answer-id.ts';
import type { Fields } from '../fields.ts';
import { callItem, messageItem, reasoningItem, textPart } from './response-body.ts';
import type { ItemStatus } from './response-body.ts';
import type { CalledTool } from './tool-names.ts';

type ItemKind = 'message' | 'reasoning' | 'function_call';

const ID_PREFIX: Readonly<Record<ItemKind, string>> = { message: 'msg', reasoning: 'rs', function_call: 'fc' };

/** Empty but of a function call. */
export interface OpenCall {
  readonly id: string;
  readonly tool: CalledTool;
}

/** Events are told without their numbers. */
export class OpenItem {
  readonly kind: ItemKind;
  readonly #id: string;
  readonly #at: number;
  readonly #call: OpenCall;
  #text = '';

  /** `at`: how many items there were before it. */
  constructor(kind: ItemKind, at: number, call: OpenCall) {
    this.kind = kind;
    this.#id = newAnswerId(ID_PREFIX[kind]);
    this.#at = at;
    this.#call = call;
  }

  opening(): readonly Fields[] {
    const added = this.#event('response.output_item.added', { item: this.#item('in_progress') });
    if (this.kind !== 'message') return [added];
    return [added, this.#event('response.content_part.added', { ...this.#place(), part: textPart('') })];
  }

  add(text: string): readonly Fields[] {
    this.#text += text;
    switch (this.kind) {
      case 'message':
        return [this.#event('response.output_text.delta', { ...this.#place(), delta: text, logprobs: [] })];
      case 'reasoning':
        return [this.#event('response.reasoning_text.delta', { ...this.#place(), delta: text })];
      case 'function_call':
        return [this.#event('response.function_call_arguments.delta', { item_id: this.#id, delta: text })];
    }
  }

  closing(): readonly Fields[] {
    return [...this.#ends(), this.#event('response.output_item.done', { item: this.done() })];
  }

  done(): Fields {
    return this.#item('completed');
  }

  #ends(): readonly Fields[] {
    const text = this.#text;
    switch (this.kind) {
      case 'message':
        return [
          this.#event('response.output_text.done', { ...this.#place(), text, logprobs: [] }),
          this.#event('response.content_part.done', { ...this.#place(), part: textPart(text) }),
        ];
      case 'reasoning':
        return [this.#event('response.reasoning_text.done', { ...this.#place(), text })];
      case 'function_call': {
        const told = { item_id: this.#id, name: this.#call.tool.name, arguments: text };
        return [this.#event('response.function_call_arguments.done', told)];
      }
    }
  }

  #item(status: ItemStatus): Fields {
    switch (this.kind) {
      case 'message':
        return messageItem(this.#id, this.#text, status);
      case 'reasoning':
        return reasoningItem(this.#id, this.#text, status);
      case 'function_call':
        return callItem(this.#id, { id: this.#call.id, arguments: this.#text }, this.#call.tool, status);
    }
  }

  #place(): Fields {
    return { item_id: this.#id, content_index: 0 };
  }

  #event(type: string, data: Fields): Fields {
    return { type, output_index: this.#at, ...data };
  }
}
