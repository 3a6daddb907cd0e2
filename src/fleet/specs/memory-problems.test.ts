import { expect, test } from 'vitest';

import { cpuDevice } from '../../../test/support/fake-agents.ts';
import { makeSpec } from '../../../test/support/make-spec.ts';
import type { DeviceReport } from '../../contract/index.ts';
import { estimateMemory } from '../../models/index.ts';
import { memoryProblems } from './memory-problems.ts';

const GIB = 1024 ** 3;

const estimate = estimateMemory({
  file: {
    sizeBytes: 4 * GIB,
    layers: 32,
    kvHeadsTotal: 256,
    keyLength: 128,
    valueLength: 128,
  } as Parameters<typeof estimateMemory>[0]['file'],
  contextSize: 4096,
  slots: 1,
  layers: 'all',
});

const spec = makeSpec({ gpu: { backend: 'cuda' }, model: { memoryBytes: estimate.totalBytes } });

function card(id: string, totalGib: number, reservedGib = 0): DeviceReport {
  return cpuDevice(0, { id, kind: 'simulated', totalBytes: totalGib * GIB, reservedBytes: reservedGib * GIB });
}

test('what fits the card with most room is no problem', () => {
  expect(memoryProblems('f', { spec, estimate, devices: [card('sim0', 2), card('sim1', 12)] })).toEqual([]);
});

test('what no card could ever hold is an error with the sum', () => {
  const [problem] = memoryProblems('f', { spec, estimate, devices: [card('sim0', 2)] });

  expect(problem).toMatchObject({ code: 'MEMORY_INSUFFICIENT', path: 'model', severity: 'error' });
  expect(problem?.message).toMatch(
    /^needs .* \(weights 4\.0 GiB \+ KV cache .* \+ overhead .*\); sim0 has 2\.0 GiB in all$/,
  );
});

test('what would fit if others gave way is a warning that says what is free', () => {
  const [problem] = memoryProblems('f', { spec, estimate, devices: [card('sim0', 12, 10)] });

  expect(problem).toMatchObject({ severity: 'warning' });
  expect(problem?.message).toContain('sim0 has 2.0 GiB free = 12.0 GiB total - 10.0 GiB reserved');
});

test('a device that there is not is an error; without any device nothing is said', () => {
  const named = makeSpec({ gpu: { backend: 'cuda', devices: ['gpu7'] } });

  expect(memoryProblems('f', { spec: named, estimate, devices: [card('sim0', 12)] })).toMatchObject([
    { path: 'gpu', severity: 'error' },
  ]);
  expect(memoryProblems('f', { spec, estimate, devices: [] })).toEqual([]);
  expect(memoryProblems('f', { spec, estimate: null, devices: [card('sim0', 1)] })).toEqual([]);
});
