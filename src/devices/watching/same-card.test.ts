/** One device once, whoever tells of it. */

import { expect, test } from 'vitest';

import { readingOf } from '../device.ts';
import type { DeviceKind } from '../device.ts';
import type { CardBackend, ListedDevice } from '../tools/llama-list.ts';
import { joinListed } from './same-card.ts';

const MIB = 1024 * 1024;

const seen = (id: string, kind: DeviceKind, name: string, mebibytes: number, guess: string[] = []) =>
  readingOf({ id, kind, name, index: 0, totalBytes: mebibytes * MIB, backendNames: guess });

const listed = (name: string, backend: CardBackend, description: string, mebibytes: number): ListedDevice => ({
  name,
  backend,
  description,
  totalBytes: mebibytes * MIB,
});

const shown = (readings: ReturnType<typeof joinListed>) => readings.map((it) => [it.id, it.kind, it.backendNames]);

test('a card that tool and llama.cpp both see is one device with the names of both backends', () => {
  const card = seen('gpu0', 'nvidia', 'NVIDIA GeForce RTX 2060', 6144, ['CUDA0']);

  const joined = joinListed(
    [card],
    [
      listed('Vulkan0', 'vulkan', 'NVIDIA GeForce RTX 2060', 6144),
      listed('CUDA0', 'cuda', 'NVIDIA GeForce RTX 2060', 5919),
    ],
  );

  expect(joined).toEqual([{ ...card, backendNames: ['Vulkan0', 'CUDA0'] }]);
});

test('llama.cpp counts its fastest card first: names go by name and size, not by order', () => {
  const cards = [
    seen('gpu0', 'nvidia', 'NVIDIA GeForce GTX 1660 SUPER', 6144, ['CUDA0']),
    seen('gpu1', 'nvidia', 'NVIDIA GeForce RTX 3090', 24_576, ['CUDA1']),
  ];

  const joined = joinListed(cards, [
    listed('CUDA0', 'cuda', 'NVIDIA GeForce RTX 3090', 24_135),
    listed('CUDA1', 'cuda', 'NVIDIA GeForce GTX 1660 SUPER', 5919),
  ]);

  expect(shown(joined)).toEqual([
    ['gpu0', 'nvidia', ['CUDA1']],
    ['gpu1', 'nvidia', ['CUDA0']],
  ]);
});

test('five equal cards get five names', () => {
  const cards = [0, 1, 2, 3, 4].map((at) => seen(`gpu${at}`, 'nvidia', 'GTX 1660 SUPER', 6144));

  const joined = joinListed(
    cards,
    [0, 1, 2, 3, 4].map((at) => listed(`CUDA${at}`, 'cuda', 'GTX 1660 SUPER', 5919)),
  );

  expect(joined.map(({ backendNames }) => backendNames)).toEqual([
    ['CUDA0'],
    ['CUDA1'],
    ['CUDA2'],
    ['CUDA3'],
    ['CUDA4'],
  ]);
});

test('a card that no tool sees is a device of its own', () => {
  const joined = joinListed(
    [seen('cpu', 'cpu', 'Ryzen', 32_000)],
    [
      listed('Vulkan0', 'vulkan', 'AMD Radeon RX 7900 XTX (RADV NAVI31)', 24_560),
      listed('Vulkan1', 'vulkan', 'Intel(R) Arc(tm) A770 Graphics (DG2)', 16_225),
    ],
  );

  expect(shown(joined)).toEqual([
    ['cpu', 'cpu', []],
    ['amd0', 'amd', ['Vulkan0']],
    ['card0', 'other', ['Vulkan1']],
  ]);
});

test('the name that a tool suggests stands only for a card that llama.cpp does not list', () => {
  const card = seen('gpu0', 'nvidia', 'RTX 2060', 6144, ['CUDA0']);
  const other = seen('gpu1', 'nvidia', 'RTX 3090', 24_576, ['CUDA1']);

  expect(joinListed([card], [])).toEqual([card]);
  expect(shown(joinListed([card, other], [listed('Vulkan0', 'vulkan', 'NVIDIA RTX 2060', 6144)]))).toEqual([
    ['gpu0', 'nvidia', ['Vulkan0']],
    ['gpu1', 'nvidia', ['CUDA1']],
  ]);
  expect(shown(joinListed([card, other], [listed('CUDA0', 'cuda', 'NVIDIA RTX 3090', 24_135)]))).toEqual([
    ['gpu0', 'nvidia', []],
    ['gpu1', 'nvidia', ['CUDA0']],
  ]);
});

test('on a Mac the memory that Metal may hold is what counts', () => {
  const mac = seen('apple0', 'apple', 'Apple M2 Max', 43_690, ['MTL0']);

  expect(joinListed([mac], [listed('MTL0', 'metal', 'Apple M2 Max', 49_152)])).toEqual([
    { ...mac, totalBytes: 49_152 * MIB },
  ]);
});
