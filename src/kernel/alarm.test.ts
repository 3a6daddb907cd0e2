import { expect, test } from 'vitest';

import { Alarm } from './alarm.ts';
import { TestClock } from './clock.ts';

function rig() {
  const clock = new TestClock(0);
  const rung: number[] = [];
  return { clock, rung, alarm: new Alarm(clock, () => rung.push(clock.monotonic())) };
}

test('an alarm rings once, at the moment it was set to last', async () => {
  const { clock, rung, alarm } = rig();

  alarm.set(100, 0);
  alarm.set(200, 0);
  await clock.advance(1_000);

  expect(rung).toEqual([200]);
});

test('whoever wants it within a time does not put off what was to come earlier', async () => {
  const { clock, rung, alarm } = rig();

  alarm.ringWithin(100);
  alarm.ringWithin(200);
  alarm.ringWithin(50);
  await clock.advance(1_000);

  expect(rung).toEqual([50]);
});

test('an alarm that has rung can be set again', async () => {
  const { clock, rung, alarm } = rig();

  alarm.ringWithin(100);
  await clock.advance(100);
  alarm.ringWithin(100);
  await clock.advance(100);

  expect(rung).toEqual([100, 200]);
});

test('a stopped alarm is silent', async () => {
  const { clock, rung, alarm } = rig();

  alarm.ringWithin(100);
  alarm.stop();
  alarm.set(50, 0);
  alarm.set(null, 0);
  await clock.advance(1_000);

  expect(rung).toEqual([]);
});
