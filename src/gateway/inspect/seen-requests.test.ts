import { expect, test } from 'vitest';

import { silentLog, TestClock } from '../../kernel/index.ts';
import { createRequestBook } from './request-book.ts';
import { NO_USAGE } from './request-state.ts';
import { seenRequests } from './seen-requests.ts';

const face = {
  key: 'key:a',
  class: 'interactive',
  model: 'demo',
  endpoint: '/v1/chat/completions',
  stream: true,
} as const;

test('what waits, what runs and what has failed are seen together, newest first', async () => {
  const clock = new TestClock();
  const book = createRequestBook({ clock, log: silentLog, history: 10, onEnded: () => {} });
  const failed = book.open({ ...face, id: 'first' });
  await clock.advance(10);
  const running = book.open({ ...face, id: 'second' });
  await clock.advance(10);
  book.open({ ...face, id: 'third' });
  failed.headSent({ status: 429, overheadMs: null });
  failed.apply({ kind: 'failed', at: clock.monotonic(), code: 'RATE_LIMITED', usage: NO_USAGE });
  running.apply({ kind: 'dispatched', at: clock.monotonic(), instance: 'alpha' });
  await clock.advance(30);

  const seen = seenRequests(book, clock.monotonic());

  expect(seen).toMatchObject([
    { id: 'third', state: 'queued', instance: null, queueMs: 30, durationMs: 30, endedAt: null },
    { id: 'second', state: 'dispatched', instance: 'alpha', queueMs: 10, durationMs: 40 },
    { id: 'first', state: 'failed', code: 'RATE_LIMITED', status: 429, durationMs: 20 },
  ]);
});
