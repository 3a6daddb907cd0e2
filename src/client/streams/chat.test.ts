/** What a streamed answer tells besides its text. */

import { expect, test } from 'vitest';

import { streamChat } from './chat.ts';
import type { ChatEvent } from './chat.ts';
import type { Transport } from '../transport/transport.ts';

function answering(text: string, headers: Readonly<Record<string, string>> = {}): Transport {
  const body = async function* () {
    yield* [text.slice(0, 9), text.slice(9)].map((part) => new TextEncoder().encode(part));
  };
  return () => Promise.resolve({ status: 200, header: (name) => headers[name] ?? null, body: body(), close: () => {} });
}

const ANSWER = 'data: {"choices":[{"delta":{"content":"hi"}}]}\n\ndata: [DONE]\n\n';
const HEADERS = { 'x-drover-queue-ms': '0.4', 'x-drover-instance': 'alpha' };

test.each([
  ['in the headers', ANSWER, HEADERS, [{ kind: 'opened', queuedMs: 0.4, instance: 'alpha' }]],
  [
    'in a comment, for one who was kept waiting',
    `: queued pos=1\n\n: started queue_ms=5123.4 attempts=1 instance=alpha\n\n${ANSWER}`,
    {},
    [{ kind: 'opened', queuedMs: 5_123.4, instance: 'alpha' }],
  ],
  ['nowhere: no front door', ANSWER, {}, []],
])('how long it waited is told %s', async (_, text, headers, told) => {
  const events: ChatEvent[] = [];
  const chat = { model: 'm', messages: [], signal: undefined };
  for await (const event of streamChat(chat, answering(text, headers))) events.push(event);

  expect(events).toEqual([...told, { kind: 'text', text: 'hi' }, { kind: 'ended', finishReason: null, usage: null }]);
});
