/** Where a model should run, and two promises: never beyond what is free, never worse for having more. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { isBetter, suggest } from './suggest.ts';
import type { CandidateDevice, ModelWish, Placement } from './suggest.ts';

const MB = 1024 * 1024;
const GB = 1024 * MB;

/** 8 GB of weights, 32 layers, 128 KB of cache a token. */
const file = { sizeBytes: 8 * GB, layers: 32, kvHeadsTotal: 32 * 8, keyLength: 128, valueLength: 128 };
const wish = (changes: Partial<ModelWish> = {}): ModelWish => ({
  file,
  contextSize: 4096,
  longest: 131_072,
  slots: 1,
  ...changes,
});

const card = (id: string, gigabytes: number, backend = 'cuda'): CandidateDevice => ({
  id,
  backend,
  freeBytes: gigabytes * GB,
  unified: backend === 'metal',
});
const cpu = (gigabytes: number) => card('cpu', gigabytes, 'cpu');

function shownOf(devices: readonly CandidateDevice[], wanted = wish()) {
  const suggestion = suggest(devices, wanted);
  if (suggestion.kind === 'too-large') return 'too large';
  const { kind, devices: ids, layers, contextSize } = suggestion.placement;
  return [kind, ids.join('+'), layers, contextSize];
}

test('a model goes to the tightest card that holds it', () => {
  expect(shownOf([cpu(64), card('gpu0', 24), card('gpu1', 12), card('gpu2', 8)])).toEqual([
    'one-card',
    'gpu1',
    32,
    4096,
  ]);
});

test('no card holds it: as few cards of one backend as do', () => {
  const five = [0, 1, 2, 3, 4].map((at) => card(`gpu${at}`, 6));

  expect(shownOf([cpu(64), ...five])).toEqual(['split', 'gpu0+gpu1', 32, 4096]);
  expect(shownOf([cpu(64), card('gpu0', 6), card('amd0', 6, 'rocm')])[0]).toBe('partial');
});

test('cards of different size share in equal parts, so that the smaller must hold its own', () => {
  expect(shownOf([cpu(1), card('gpu0', 4.9), card('gpu1', 8), card('gpu2', 7)])).toEqual([
    'split',
    'gpu2+gpu1',
    32,
    4096,
  ]);
});

test('what no cards hold is parted between cards and CPU', () => {
  const suggestion = suggest([cpu(64), card('gpu0', 6)], wish());

  expect(suggestion).toMatchObject({
    placement: {
      kind: 'partial',
      devices: ['gpu0'],
      layers: 19,
      shares: [
        { device: 'gpu0', layers: 19 },
        { device: 'cpu', layers: 13 },
      ],
    },
  });
});

test('several small cards take more layers together than one', () => {
  expect(shownOf([cpu(64), card('gpu0', 3), card('gpu1', 3)])).toEqual(['partial', 'gpu0+gpu1', 16, 4096]);
});

test('without a card of use it is the CPU', () => {
  expect(shownOf([cpu(16)])).toEqual(['cpu', 'cpu', 0, 4096]);
  expect(shownOf([cpu(16), card('gpu0', 0.5)])).toEqual(['cpu', 'cpu', 0, 4096]);
});

test('a card that shares the memory of the host leaves nothing to the CPU', () => {
  expect(shownOf([cpu(16), card('apple0', 6, 'metal')])).toEqual(['cpu', 'cpu', 0, 4096]);
  expect(shownOf([cpu(16), card('apple0', 11, 'metal')])).toEqual(['one-card', 'apple0', 32, 4096]);
});

test('asked for no context, the longest that fits is taken, up to a usual size', () => {
  const open = wish({ contextSize: null });

  expect(shownOf([card('gpu0', 24)], open)).toEqual(['one-card', 'gpu0', 32, 32_768]);
  expect(shownOf([card('gpu0', 11)], open)).toEqual(['one-card', 'gpu0', 32, 16_384]);
  expect(shownOf([card('gpu0', 24)], { ...open, longest: 2048 })).toEqual(['one-card', 'gpu0', 32, 2048]);
});

test('a second card is taken for a comfortable context, not for a longer one', () => {
  const open = wish({ contextSize: null });

  expect(shownOf([card('gpu0', 11), card('gpu1', 11)], open)).toEqual(['one-card', 'gpu0', 32, 16_384]);
  expect(shownOf([card('gpu0', 9.3), card('gpu1', 9.3)], open)).toEqual(['split', 'gpu0+gpu1', 32, 32_768]);
});

test('what does not fit is told with the context that would', () => {
  const suggestion = suggest([card('gpu0', 10)], wish({ contextSize: 65_536 }));

  expect(suggestion).toMatchObject({ kind: 'too-large', smaller: { kind: 'one-card', contextSize: 8192 } });
  expect(suggest([card('gpu0', 4), cpu(4)], wish())).toMatchObject({ kind: 'too-large', smaller: null });
});

test('a file that tells no layers is one piece', () => {
  const blob = { ...file, layers: 0, kvHeadsTotal: 0 };

  expect(shownOf([cpu(64), card('gpu0', 6)], wish({ file: blob }))).toEqual(['cpu', 'cpu', 0, 4096]);
  expect(shownOf([cpu(64), card('gpu0', 12)], wish({ file: blob }))).toEqual(['one-card', 'gpu0', 1, 4096]);
});

const anyDevices = fc
  .record({
    host: fc.integer({ min: 0, max: 32 * 1024 }),
    cards: fc.array(
      fc.record({
        megabytes: fc.integer({ min: 0, max: 24 * 1024 }),
        backend: fc.constantFrom('cuda', 'rocm', 'metal'),
      }),
      { maxLength: 6 },
    ),
  })
  .map(({ host, cards }) => [
    cpu(host / 1024),
    ...cards.map((it, at) => card(`c${at}`, it.megabytes / 1024, it.backend)),
  ]);

const anyWish = fc.record({
  file: fc.record({
    sizeBytes: fc.integer({ min: 1, max: 40 * 1024 }).map((megabytes) => megabytes * MB),
    layers: fc.integer({ min: 0, max: 80 }),
    kvHeadsTotal: fc.integer({ min: 0, max: 640 }),
    keyLength: fc.constantFrom(64, 128),
    valueLength: fc.constantFrom(64, 128),
  }),
  contextSize: fc.option(fc.integer({ min: 512, max: 131_072 })),
  longest: fc.option(fc.integer({ min: 512, max: 262_144 })),
  slots: fc.integer({ min: 1, max: 8 }),
});

const needOn = ({ shares }: Placement, id: string) =>
  shares.filter(({ device }) => device === id).reduce((sum, { estimate }) => sum + estimate.totalBytes, 0);

test('property: no device is asked for more than it has free, and every layer has a place', () => {
  fc.assert(
    fc.property(anyDevices, anyWish, (devices, wanted) => {
      const suggestion = suggest(devices, wanted);
      fc.pre(suggestion.kind === 'fits');
      const { placement } = suggestion;
      for (const { id, freeBytes } of devices) expect(needOn(placement, id)).toBeLessThanOrEqual(freeBytes);
      const placed = placement.shares.reduce((sum, { layers }) => sum + layers, 0);
      expect(placed).toBe(placement.ofLayers);
    }),
  );
});

test('property: more memory never makes it worse', () => {
  const more = fc.record({ at: fc.nat(), megabytes: fc.integer({ min: 1, max: 16 * 1024 }) });
  fc.assert(
    fc.property(anyDevices, anyWish, more, (devices, wanted, { at, megabytes }) => {
      const before = suggest(devices, wanted);
      fc.pre(before.kind === 'fits');
      const grown = devices.map((device, index) =>
        index === at % devices.length ? { ...device, freeBytes: device.freeBytes + megabytes * MB } : device,
      );
      const after = suggest(grown, wanted);
      expect(after.kind === 'too-large' || isBetter(before.placement, after.placement)).toBe(false);
    }),
  );
});
