/** What an engine says in a completion, piece by piece, out of its event stream: chats, texts, llama.cpp's own. Pure. */

import { fieldsOf, isFields, listOf, numberOf, textOf } from '../fields.ts';
import type { Fields } from '../fields.ts';
import { SseReader } from '../sse-reader.ts';

export type ChatEvent =
  | { readonly kind: 'named'; readonly model: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'thought'; readonly text: string }
  /** A tool call begins; `at` names it among the calls of this answer. */
  | { readonly kind: 'call'; readonly at: number; readonly id: string; readonly name: string }
  | { readonly kind: 'arguments'; readonly at: number; readonly text: string }
  /** `stoppedBy`: the stop text that was met, where the engine says so. */
  | { readonly kind: 'finished'; readonly reason: string; readonly stoppedBy: string | null }
  | { readonly kind: 'counted'; readonly usage: ChatUsage }
  | { readonly kind: 'timed'; readonly timings: ChatTimings };

export interface ChatUsage {
  /** Those from the cache included. */
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly cached: number;
}

export interface ChatTimings {
  readonly promptMs: number;
  readonly predictedMs: number;
}

export const NO_CHAT_USAGE: ChatUsage = { tokensIn: 0, tokensOut: 0, cached: 0 };
export const NO_TIMINGS: ChatTimings = { promptMs: 0, predictedMs: 0 };

export class ChatEventReader {
  readonly #sse = new SseReader();
  #begun = false;

  push(bytes: Buffer): readonly ChatEvent[] {
    return this.#sse.push(bytes).flatMap((data) => this.#read(data));
  }

  /** What these bytes end, in the words of another protocol; empty for what it does not tell. */
  retell(bytes: Buffer, tell: (event: ChatEvent) => string): Buffer {
    return Buffer.from(this.push(bytes).map(tell).join(''));
  }

  #read(data: string): readonly ChatEvent[] {
    const chunk = data === '[DONE]' ? null : fieldsOf(data);
    if (chunk === null) return [];
    const named: readonly ChatEvent[] = this.#begun ? [] : [{ kind: 'named', model: textOf(chunk['model']) }];
    this.#begun = true;
    return [...named, ...eventsOfChunk(chunk)];
  }
}

function eventsOfChunk(chunk: Fields): readonly ChatEvent[] {
  if (typeof chunk['content'] === 'string') return eventsOfNative(chunk);
  const [choice] = listOf(chunk['choices']); // clients of other protocols get one choice
  return [...(isFields(choice) ? eventsOfChoice(choice) : []), ...numbersOf(chunk)];
}

function eventsOfChoice(choice: Fields): readonly ChatEvent[] {
  const { delta, text } = choice;
  const said = isFields(delta) ? eventsOfDelta(delta) : eventsOfDelta({ content: text });
  return [...said, ...eventsOfEnd(choice)];
}

/** Nothing before the end. vLLM and the embedded engine name the stop text in `stop_reason`; llama-server does not. */
export function eventsOfEnd({ finish_reason: reason, stop_reason: stop }: Fields): readonly ChatEvent[] {
  if (typeof reason !== 'string') return [];
  return [{ kind: 'finished', reason, stoppedBy: reason === 'stop' && typeof stop === 'string' ? stop : null }];
}

/** A piece, or the whole, of llama.cpp's own completion. */
export function eventsOfNative(fields: Fields): readonly ChatEvent[] {
  const said = eventsOfDelta({ content: fields['content'] });
  if (fields['stop'] !== true) return said;
  const usage = {
    tokensIn: numberOf(fields['tokens_evaluated']),
    tokensOut: numberOf(fields['tokens_predicted']),
    cached: isFields(fields['timings']) ? numberOf(fields['timings']['cache_n']) : 0,
  };
  const reason = fields['stop_type'] === 'limit' ? 'length' : 'stop';
  const stoppedBy = textOf(fields['stopping_word']) || null;
  return [...said, { kind: 'finished', reason, stoppedBy }, { kind: 'counted', usage }, ...numbersOf(fields)];
}

/** The same fields are in a delta and in a whole message. */
export function eventsOfDelta(delta: Fields): readonly ChatEvent[] {
  const thought = textOf(delta['reasoning_content'] ?? delta['reasoning']);
  const text = textOf(delta['content']);
  return [
    ...(thought === '' ? [] : [{ kind: 'thought', text: thought } as const]),
    ...(text === '' ? [] : [{ kind: 'text', text } as const]),
    ...listOf(delta['tool_calls']).flatMap((call, at) => (isFields(call) ? eventsOfCall(call, at) : [])),
  ];
}

function eventsOfCall(call: Fields, position: number): readonly ChatEvent[] {
  const at = typeof call['index'] === 'number' ? call['index'] : position;
  const named = isFields(call['function']) ? call['function'] : {};
  const [name, text] = [textOf(named['name']), textOf(named['arguments'])];
  return [
    ...(name === '' ? [] : [{ kind: 'call', at, id: textOf(call['id']), name } as const]),
    ...(text === '' ? [] : [{ kind: 'arguments', at, text } as const]),
  ];
}

/** Usage and timings, where they are. */
export function numbersOf(fields: Fields): readonly ChatEvent[] {
  const { usage, timings } = fields;
  return [
    ...(isFields(usage) ? [{ kind: 'counted', usage: usageOf(usage) } as const] : []),
    ...(isFields(timings) ? [{ kind: 'timed', timings: timingsOf(timings) } as const] : []),
  ];
}

function usageOf(usage: Fields): ChatUsage {
  const details = isFields(usage['prompt_tokens_details']) ? usage['prompt_tokens_details'] : {};
  return {
    tokensIn: numberOf(usage['prompt_tokens']),
    tokensOut: numberOf(usage['completion_tokens']),
    cached: numberOf(details['cached_tokens']),
  };
}

function timingsOf(timings: Fields): ChatTimings {
  return { promptMs: numberOf(timings['prompt_ms']), predictedMs: numberOf(timings['predicted_ms']) };
}
