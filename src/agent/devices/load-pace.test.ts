/** What a launch tells of the way to its card. */

import { expect, test } from 'vitest';

import { loadPaceOf } from './load-pace.ts';

const ready = { state: 'ready' as const, devices: ['gpu0'], memoryBytes: 6e9, startedAt: 1_000, readyAt: 4_000 };

test('bytes of the model by the time that its load took', () => {
  expect(loadPaceOf(ready)).toEqual({ device: 'gpu0', bytesPerSecond: 2e9 });
});

test.each([
  ['one that is not ready', { state: 'loading' as const }],
  ['one on the CPU', { devices: ['cpu'] }],
  ['one on several cards', { devices: ['gpu0', 'gpu1'] }],
  ['one without a measured start', { startedAt: null }],
  ['one without memory', { memoryBytes: 0 }],
])('nothing from %s', (_title, change) => {
  expect(loadPaceOf({ ...ready, ...change })).toBeNull();
});
