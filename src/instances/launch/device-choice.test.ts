/** Which devices a launch takes, and how cores are shared. */

import { expect, test } from 'vitest';

import { makeSpec } from '../../../test/support/make-spec.ts';
import { readingOf } from '../../devices/index.ts';
import type { DeviceKind, DeviceReading } from '../../devices/index.ts';
import { chooseDevices } from './device-choice.ts';
import { threadShare } from './launch.ts';

function device(id: string, kind: DeviceKind, index = 0): DeviceReading {
  return readingOf({
    id,
    kind,
    name: `${id} card`,
    uuid: `UUID-${id}`,
    index,
    totalBytes: 1_000,
  });
}

const HOST = [device('cpu', 'cpu'), device('gpu0', 'nvidia', 0), device('gpu1', 'nvidia', 1)];
const free = (id: string): number => (id === 'gpu1' ? 900 : 500);

test('the CPU serves the cpu backend', () => {
  const choice = chooseDevices(makeSpec({ model: { memoryBytes: 10 } }), HOST, free);

  expect(choice).toMatchObject({ kind: 'chosen', shares: [{ device: 'cpu', bytes: 10 }] });
});

test('of several cards the one with most free memory is taken', () => {
  const choice = chooseDevices(makeSpec({ gpu: { backend: 'cuda' }, model: { memoryBytes: 10 } }), HOST, free);

  expect(choice).toMatchObject({
    shares: [{ device: 'gpu1', bytes: 10 }],
    devices: [{ id: 'gpu1', backend: 'cuda', index: 1, uuid: 'UUID-gpu1' }],
  });
});

test('a card that takes no such instance is left out, unless it is named or there is no other', () => {
  const closed = (id: string): number => (id === 'gpu1' ? -1 : 500);
  const spec = (devices: string[] = []) =>
    makeSpec({ gpu: { backend: 'cuda', devices, split: 'layer' }, model: { memoryBytes: 10 } });
  const cardsOf = (...args: Parameters<typeof chooseDevices>): unknown => {
    const choice = chooseDevices(...args);
    return choice.kind === 'chosen' && choice.shares.map((share) => share.device);
  };

  expect(cardsOf(spec(), HOST, closed)).toEqual(['gpu0']);
  expect(cardsOf(spec(['gpu1']), HOST, closed)).toEqual(['gpu1']);
  expect(cardsOf(spec(), HOST, () => -1)).toEqual(['gpu0', 'gpu1']);
});

test('a split model is spread over the named cards', () => {
  const gpu = { backend: 'cuda', devices: ['UUID-gpu0', 'GPU1 card'], split: 'layer' } as const;
  const choice = chooseDevices(
    makeSpec({ gpu: { ...gpu, devices: [...gpu.devices] }, model: { memoryBytes: 11 } }),
    HOST,
    free,
  );

  expect(choice).toMatchObject({
    shares: [
      { device: 'gpu0', bytes: 6 },
      { device: 'gpu1', bytes: 6 },
    ],
  });
});

test('layers that no card takes are booked on the CPU', () => {
  const gpu = { backend: 'cuda', layers: 20 } as const;
  const choice = chooseDevices(makeSpec({ gpu, model: { memoryBytes: 10, hostMemoryBytes: 7 } }), HOST, free);

  expect(choice).toMatchObject({
    shares: [
      { device: 'gpu1', bytes: 10 },
      { device: 'cpu', bytes: 7 },
    ],
    devices: [{ id: 'gpu1' }],
  });
});

test('a simulated card serves any backend, and the engine computes on the CPU', () => {
  const rig = [device('cpu', 'cpu'), device('sim0', 'simulated')];
  const choice = chooseDevices(makeSpec({ gpu: { backend: 'cuda' } }), rig, free);

  expect(choice).toMatchObject({ devices: [{ id: 'sim0', backend: 'cpu' }], computes: false });
});

test('a device that is not there is refused with those that are', () => {
  const choice = chooseDevices(makeSpec({ gpu: { devices: ['gpu7'] } }), HOST, free);

  expect(choice).toMatchObject({
    kind: 'impossible',
    failure: { message: 'qwen: there is no device "gpu7"; there are cpu, gpu0, gpu1', permanent: true },
  });
});

test('a device is named as llama.cpp does, and one that is named twice is taken once', () => {
  const host = [device('cpu', 'cpu'), { ...device('gpu0', 'nvidia'), backendNames: ['CUDA0', 'Vulkan1'] }];
  const gpu = { backend: 'vulkan', devices: ['Vulkan1', 'gpu0'], split: 'layer' } as const;

  const choice = chooseDevices(makeSpec({ gpu: { ...gpu, devices: [...gpu.devices] } }), host, free);

  expect(choice).toMatchObject({ devices: [{ id: 'gpu0', backend: 'vulkan', index: 1 }] });
});

test('a backend that no device serves is refused', () => {
  const choice = chooseDevices(makeSpec({ gpu: { backend: 'rocm' } }), HOST, free);

  expect(choice).toMatchObject({ failure: { message: 'qwen: this host has no device for backend rocm' } });
});

test('instances share all cores but one, and each gets one at least', () => {
  expect([threadShare(8, 1), threadShare(8, 2), threadShare(2, 1), threadShare(2, 5), threadShare(1, 0)]).toEqual([
    7, 3, 1, 1, 1,
  ]);
});
