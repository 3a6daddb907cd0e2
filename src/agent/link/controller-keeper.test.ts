/** When the controller is brought back, and when it is left alone. */

import { expect, test } from 'vitest';

import { TestClock, silentLog } from '../../kernel/index.ts';
import { AFTER_KEEPER_MS, FIRST_START_MS, createControllerKeeper } from './controller-keeper.ts';

function keeper(isMissing = (): boolean => true) {
  const clock = new TestClock();
  const starts: number[] = [];
  const startedAt = clock.now();
  const start = (): void => void starts.push(clock.now() - startedAt);
  return {
    clock,
    starts,
    keeper: createControllerKeeper({ clock, log: silentLog, start, isMissing }),
  };
}

test('a controller that is gone is started, again and again with longer waits', async () => {
  const { clock, starts, keeper: it } = keeper();

  it.lost();
  await clock.advance(8_000);

  expect(starts).toEqual([1_000, 3_000, 7_000]);
});

test('a link that comes back in time starts nothing', async () => {
  const { clock, starts, keeper: it } = keeper();

  it.lost();
  await clock.advance(FIRST_START_MS - 1);
  it.found('alone');
  await clock.advance(60_000);

  expect(starts).toEqual([]);
});

test('a controller with a keeper of its own is left to that one for a while', async () => {
  const { clock, starts, keeper: it } = keeper();

  it.found('kept');
  it.lost();
  await clock.advance(AFTER_KEEPER_MS - 1);
  expect(starts).toEqual([]);

  await clock.advance(1);
  expect(starts).toEqual([AFTER_KEEPER_MS]);
});

test('a controller that said goodbye stays away until it was seen again', async () => {
  const { clock, starts, keeper: it } = keeper();

  it.dismissed();
  it.lost();
  await clock.advance(60_000);
  expect(starts).toEqual([]);

  it.found('alone');
  it.lost();
  await clock.advance(FIRST_START_MS);
  expect(starts).toHaveLength(1);
});

test('nothing is started while a controller lives or is not wanted; once it is missing, soon', async () => {
  let isMissing = false;
  const { clock, starts, keeper: it } = keeper(() => isMissing);

  it.lost();
  await clock.advance(60_000);
  expect(starts).toEqual([]);

  isMissing = true;
  await clock.advance(FIRST_START_MS);
  expect(starts).toHaveLength(1);
});
