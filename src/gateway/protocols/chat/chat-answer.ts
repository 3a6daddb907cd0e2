/** A completion as one value: read from a whole answer, or put together from what a stream said. Pure. */

import { assertNever } from '../../../kernel/index.ts';
import { isFields, listOf, parseFields, textOf } from '../fields.ts';
import { eventsOfDelta, eventsOfEnd, eventsOfNative, NO_CHAT_USAGE, NO_TIMINGS, numbersOf } from './chat-events.ts';
import type { ChatEvent, ChatTimings, ChatUsage } from './chat-events.ts';

export interface ChatCall {
  readonly id: string;
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

export interface ChatAnswer {
  readonly model: string;
  readonly thought: string;
  readonly text: string;
  readonly calls: readonly ChatCall[];
  /** `stop`, `length`, `tool_calls`, `content_filter`. */
  readonly reason: string;
  /** The stop text that was met, where the engine says so. */
  readonly stoppedBy: string | null;
  readonly usage: ChatUsage;
  readonly timings: ChatTimings;
}

export const EMPTY_ANSWER: ChatAnswer = {
  model: '',
  thought: '',
  text: '',
  calls: [],
  reason: 'stop',
  stoppedBy: null,
  usage: NO_CHAT_USAGE,
  timings: NO_TIMINGS,
};

/** What the answer is after one more event. */
export function afterEvent(answer: ChatAnswer, event: ChatEvent): ChatAnswer {
  switch (event.kind) {
    case 'named':
      return { ...answer, model: event.model };
    case 'text':
      return { ...answer, text: answer.text + event.text };
    case 'thought':
      return { ...answer, thought: answer.thought + event.text };
    case 'call': {
      const calls = [...answer.calls];
      calls[event.at] = { id: event.id, name: event.name, arguments: '' };
      return { ...answer, calls };
    }
    case 'arguments': {
      const extend = (call: ChatCall, at: number): ChatCall =>
        at === event.at ? { ...call, arguments: call.arguments + event.text } : call;
      return { ...answer, calls: answer.calls.map(extend) };
    }
    case 'finished':
      return { ...answer, reason: event.reason, stoppedBy: event.stoppedBy };
    case 'counted':
      return { ...answer, usage: event.usage };
    case 'timed':
      return { ...answer, timings: event.timings };
    default:
      return assertNever(event);
  }
}

/** Of a whole answer; what is not there is empty. */
export function readChatAnswer(body: Buffer): ChatAnswer {
  return eventsOfWhole(body).reduce(afterEvent, EMPTY_ANSWER);
}

/** What a stream would have told piece by piece. */
export function eventsOfWhole(body: Buffer): readonly ChatEvent[] {
  const fields = parseFields(body) ?? {};
  if (typeof fields['content'] === 'string') return eventsOfNative(fields);
  const [first] = listOf(fields['choices']);
  const choice = isFields(first) ? first : {};
  return [
    { kind: 'named', model: textOf(fields['model']) },
    ...eventsOfDelta(isFields(choice['message']) ? choice['message'] : { content: choice['text'] }),
    ...eventsOfEnd(choice),
    ...numbersOf(fields),
  ];
}
