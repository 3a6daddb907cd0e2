import { expect, test } from 'vitest';

import { deviceEnvironment, deviceNames } from './device-environment.ts';
import type { LaunchDevice } from './engine.ts';

function cards(backend: LaunchDevice['backend'], ...indexes: number[]): LaunchDevice[] {
  return indexes.map((index) => ({ id: `gpu${index}`, backend, index, uuid: null }));
}

const withUuid = (device: LaunchDevice): LaunchDevice => ({ ...device, uuid: `GPU-${device.index}` });

test('CUDA cards are shown by UUID, which never renumbers', () => {
  expect(deviceEnvironment(cards('cuda', 3, 1).map(withUuid))).toEqual({ CUDA_VISIBLE_DEVICES: 'GPU-3,GPU-1' });
});

test('CUDA cards without a UUID are counted as nvidia-smi counts them', () => {
  expect(deviceEnvironment(cards('cuda', 2))).toEqual({ CUDA_DEVICE_ORDER: 'PCI_BUS_ID', CUDA_VISIBLE_DEVICES: '2' });
});

test.each([
  ['rocm', { HIP_VISIBLE_DEVICES: '1,0' }, 'ROCm0,ROCm1'],
  ['vulkan', { GGML_VK_VISIBLE_DEVICES: '1,0' }, 'Vulkan0,Vulkan1'],
  ['cuda', { CUDA_DEVICE_ORDER: 'PCI_BUS_ID', CUDA_VISIBLE_DEVICES: '1,0' }, 'CUDA0,CUDA1'],
  ['metal', {}, 'MTL1,MTL0'],
  ['cpu', {}, null],
] as const)('%s shows its cards by %j and calls them %s', (backend, environment, names) => {
  const devices = cards(backend, 1, 0);

  expect(deviceEnvironment(devices)).toEqual(environment);
  expect(deviceNames(devices)).toBe(names);
});
