import { expect, test } from 'vitest';

import { TestClock } from '../../kernel/index.ts';
import { waitForIdleSlot } from './slot-idle.ts';

const engine = {
  instance: 'alpha',
  kind: 'llama-server',
  origin: 'http://127.0.0.1:1',
  prefix: '',
  key: null,
  upstreamModel: null,
  device: 'cpu',
} as const;

test('an engine that does not let go at once is left in peace for the second that it needs to notice', async () => {
  const clock = new TestClock();
  const from = clock.monotonic();
  const lookedAt: number[] = [];
  const getText = (): Promise<string> => {
    lookedAt.push(clock.monotonic() - from);
    return Promise.resolve('[{"id":0,"is_processing":true}]');
  };
  const upstreams = { getText, post: never, ask: never, close: never };

  const answer = waitForIdleSlot({ engine, held: () => 1, limitMs: 2_000 }, { clock, upstreams });
  for (let ms = 0; ms < 3_000; ms += 10) await clock.advance(10);

  expect(await answer).toBe('still-busy');
  expect(lookedAt).toEqual([0, 10, 30, 70, 150, 310, 1_410]);
});

function never(): never {
  throw new Error('nobody asks for it');
}
