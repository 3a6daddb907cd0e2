/** What a script is charged with, by what is written and by what was learned. */

import { expect, test } from 'vitest';

import type { CompiledShellNode } from '../../plans/index.ts';
import { learnedBytes, memoryCharge, withPeak } from './learned-memory.ts';

const MIB = 2 ** 20;
// Of a node only these fields are read.
const node = (fields: Partial<CompiledShellNode>) =>
  ({ type: 'shell', taskClass: 'script', ...fields }) as CompiledShellNode;
const peaks = Array.from({ length: 20 }, (_, at) => (100 + at * 10) * MIB);

test('the 95th of a hundred, in steps of 64 MB, from three attempts on', () => {
  expect(learnedBytes([])).toBeNull();
  expect(learnedBytes([1, 2])).toBeNull();
  expect(learnedBytes([1, 2, 3])).toBe(64 * MIB);
  expect(learnedBytes(peaks)).toBe(320 * MIB);
});

test('one extreme among many is left out, and what is old is forgotten', () => {
  const many = Array.from({ length: 64 }, () => 100 * MIB);

  expect(learnedBytes(withPeak(many, 6000 * MIB))).toBe(128 * MIB);
  expect(withPeak(many, 1)).toHaveLength(64);
});

test.each([
  ['what is written', { vramEstimateMb: 700 }, peaks, 700],
  ['what was learned when nothing is written', {}, peaks, 320],
  ['1024 MB when nothing is known', {}, [], 1024],
  ['what was learned, before what is written, under infer', { vramPolicy: 'infer', vramEstimateMb: 700 }, peaks, 320],
  ['what is written under infer, while nothing is learned', { vramPolicy: 'infer', vramEstimateMb: 700 }, [], 700],
  ['what is written, or 1024 MB, under fixed', { vramPolicy: 'fixed' }, peaks, 1024],
  ['nothing for a cpu task', { taskClass: 'cpu' }, peaks, 0],
] as const)('%s', (_title, fields, learned, megabytes) => {
  expect(memoryCharge(node(fields), learned)).toBe(megabytes * MIB);
});
