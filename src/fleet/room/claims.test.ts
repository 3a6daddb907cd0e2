import { expect, test } from 'vitest';

import { createClaims } from './claims.ts';
import type { Resident } from './eviction.ts';

const shares = [{ device: 'gpu0', bytes: 8 }];

test('while a load has room promised, its victims are leaving and it is coming', async () => {
  const claims = createClaims();
  const load = anEnding();
  const there = [resident('a'), resident('b')];

  const held = claims.hold('new', { shares, victims: [resident('a')] }, () => load.promise);

  const seen = claims.foreseen(there, 'other');
  expect(seen.map(({ name, standing }) => `${name} ${standing}`)).toEqual(['a leaving', 'b ready', 'new coming']);
  expect(seen.at(-1)).toMatchObject({ devices: ['gpu0'], memoryBytes: 8 });
  load.resolve();
  await held;
  expect(claims.foreseen(there, 'other')).toEqual(there);
});

test('its own promise does not stand in the way of what looks, and neither does it itself', () => {
  const claims = createClaims();

  void claims.hold('new', { shares, victims: [resident('a')] }, () => anEnding().promise);

  expect(claims.foreseen([resident('a'), resident('new')], 'new')).toEqual([resident('a')]);
});

test('who makes room, by name or by model, waits until the one it goes for is there, or has failed', async () => {
  const claims = createClaims();
  const load = anEnding();
  const held = claims.hold('new', { shares, victims: [resident('a')] }, () => load.promise);
  const log: string[] = [];
  const waits = ['a', 'model of a'].map((name) => claims.untilGone(name).then(() => log.push(name)));

  await claims.untilGone('b');
  expect(log).toEqual([]);
  load.reject(new Error('no room after all'));
  await expect(held).rejects.toThrow('no room after all');

  await Promise.all(waits);
  expect(log).toEqual(['a', 'model of a']);
});

function anEnding() {
  let resolve = (): void => {};
  let reject = (_error: Error): void => {};
  const promise = new Promise<void>((resolved, rejected) => {
    resolve = resolved;
    reject = rejected;
  });
  return { promise, resolve, reject };
}

function resident(name: string): Resident {
  return {
    name,
    modelId: `model of ${name}`,
    devices: ['gpu0'],
    memoryBytes: 4,
    standing: 'ready',
    readyAt: 0,
    busySlots: 0,
    isWanted: false,
    usedAt: 0,
  };
}
