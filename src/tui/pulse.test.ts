import { expect, test } from 'vitest';

import { TestClock } from '../kernel/clock.ts';
import { createPulse } from './pulse.ts';

test('the first ask is answered at once, many asks in a second make one more beat', async () => {
  const clock = new TestClock();
  const beats: number[] = [];
  const start = clock.now();
  using pulse = createPulse({ clock, spacingMs: 1_000, beat: () => void beats.push(clock.now() - start) });

  pulse.ask();
  for (let at = 0; at < 50; at++) {
    await clock.advance(10);
    pulse.ask();
  }
  await clock.advance(5_000);

  expect(beats).toEqual([0, 1_000]);
});

test('a slow beat is not joined by another; what was asked meanwhile follows it', async () => {
  const clock = new TestClock();
  let running = 0;
  let most = 0;
  let beats = 0;
  const beat = async (): Promise<void> => {
    beats++;
    most = Math.max(most, ++running);
    await clock.sleep(3_000);
    running--;
  };
  using pulse = createPulse({ clock, spacingMs: 1_000, beat });

  pulse.ask();
  await clock.advance(500);
  pulse.ask();
  pulse.ask();
  await clock.advance(10_000);

  expect([beats, most]).toEqual([2, 1]);
});

test('a pulse that is disposed of beats no more', async () => {
  const clock = new TestClock();
  let beats = 0;
  const pulse = createPulse({ clock, spacingMs: 1_000, beat: () => void beats++ });
  pulse.ask();
  await clock.advance(1);
  pulse.ask();

  pulse[Symbol.dispose]();
  await clock.advance(5_000);

  expect(beats).toBe(1);
});
