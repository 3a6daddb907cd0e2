/** From when on an instance counts as idle. */

import { expect, test } from 'vitest';

import { Idleness } from './idleness.ts';

const HOUR = 3_600_000;
const idle = { name: 'q', state: 'ready', busySlots: 0, usedAt: null } as const;

test('one that has not been used for an hour is idle for an hour when it is first looked at', () => {
  expect(new Idleness().since({ ...idle, usedAt: HOUR }, 2 * HOUR)).toBe(HOUR);
});

test('one whose last use is not known is idle since it was first seen so', () => {
  const idleness = new Idleness();

  const looks = [1, 2, 3].map((now) => idleness.since(idle, now));

  expect(looks).toEqual([1, 1, 1]);
});

test('one that is busy, or not ready, is not idle, and begins anew', () => {
  const idleness = new Idleness();
  idleness.since(idle, 1);

  expect(idleness.since({ ...idle, busySlots: 1 }, 2)).toBeNull();
  expect(idleness.since(idle, 3)).toBe(3);
  expect(idleness.since({ ...idle, state: 'coming', usedAt: 2 }, 4)).toBeNull();
});
