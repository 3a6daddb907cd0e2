/** When the agent of this machine is started, and when the one that is there is waited for. */

import { expect, test } from 'vitest';

import { TestClock, silentLog } from '../../kernel/index.ts';
import { keepLocalAgent } from './local-agent.ts';

function keeping(program: { alive: boolean; connected: boolean }) {
  const clock = new TestClock();
  const ended = new AbortController();
  const starts: number[] = [];
  const startedAt = clock.monotonic();
  const done = keepLocalAgent({
    clock,
    log: silentLog,
    signal: ended.signal,
    isConnected: () => program.connected,
    holder: () => null,
    program: { start: () => void starts.push(clock.monotonic() - startedAt), isAlive: () => program.alive },
  });
  return { clock, starts, end: () => (ended.abort(), done) };
}

test('one that ends at once is started again, with longer waits', async () => {
  const { clock, starts, end } = keeping({ alive: false, connected: false });

  await clock.advance(8_000);
  await end();

  expect(starts).toEqual([0, 1_000, 3_000, 7_000]);
});

test('one that lives and is only slow is waited for, though not for ever', async () => {
  const { clock, starts, end } = keeping({ alive: true, connected: false });

  await clock.advance(40_000);
  await end();

  expect(starts).toEqual([0, 30_000]);
});

test('one that is connected is left alone', async () => {
  const { clock, starts, end } = keeping({ alive: true, connected: true });

  await clock.advance(40_000);
  await end();

  expect(starts).toEqual([]);
});
