/** What is written of devices, and how often. */

import { expect, test } from 'vitest';

import { cpuDevice } from '../../../test/support/fake-agents.ts';
import { isWorthStoring } from './worth-storing.ts';

const gpu = cpuDevice(0, { id: 'gpu0', kind: 'nvidia', temperatureC: 50 });
const stored = { devices: [cpuDevice(8), gpu], storedAt: 1_000 };

test('what was never stored is stored', () => {
  expect(isWorthStoring(null, [cpuDevice(8)], 0)).toBe(true);
});

test('readings alone are stored once a minute', () => {
  const warmer = [cpuDevice(8, { observedBytes: 5 }), { ...gpu, temperatureC: 70, reservedBytes: 9 }];

  expect(isWorthStoring(stored, warmer, 6_000)).toBe(false);
  expect(isWorthStoring(stored, warmer, 61_000)).toBe(true);
});

test.each([
  ['a card more', [...stored.devices, { ...gpu, id: 'gpu1' }]],
  ['a card less', [cpuDevice(8)]],
  ['another card', [cpuDevice(8), { ...gpu, uuid: 'GPU-2' }]],
  ['another name', [cpuDevice(8), { ...gpu, aliases: ['left'] }]],
])('%s is stored at once', (_what, devices) => {
  expect(isWorthStoring(stored, devices, 2_000)).toBe(true);
});
