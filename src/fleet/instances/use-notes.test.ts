import { expect, test } from 'vitest';

import { TestClock } from '../../kernel/index.ts';
import { createUseNotes } from './use-notes.ts';

function rig() {
  const clock = new TestClock();
  const busy = new Set<string>();
  const told: (readonly string[])[] = [];
  const notes = createUseNotes({
    clock,
    maySleep: (name) => name !== 'sleepless',
    isBusy: (name) => busy.has(name),
    tell: (names) => told.push(names),
  });
  return { clock, busy, told, notes };
}

test('all that is used within a second is told in one frame, and an idle house is told nothing', async () => {
  const { clock, told, notes } = rig();
  notes.used('a');
  await clock.advance(0);

  for (const name of ['a', 'b', 'a', 'sleepless']) notes.used(name);
  await clock.advance(999);
  expect(told).toEqual([['a']]);
  await clock.advance(60_000);

  expect(told).toEqual([['a'], ['a', 'b']]);
});

test('a request in flight is told every second until it ends', async () => {
  const { clock, busy, told, notes } = rig();
  busy.add('a');
  notes.used('a');
  await clock.advance(3_000);
  expect(told).toHaveLength(4);

  busy.delete('a');
  notes.used('a');
  await clock.advance(10_000);

  expect(told).toHaveLength(5);
});
