import { expect, test } from 'vitest';

import { cpuDevice } from '../../../test/support/fake-agents.ts';
import { workerConfig } from './worker-config.ts';

const devices = [
  cpuDevice(4),
  cpuDevice(0, { id: 'amd0', kind: 'amd', backendNames: ['ROCm0', 'Vulkan0'] }),
  cpuDevice(0, { id: 'gpu0', kind: 'nvidia', backendNames: ['CUDA0', 'Vulkan1'] }),
  cpuDevice(0, { id: 'gpu1', kind: 'nvidia', backendNames: ['CUDA1', 'Vulkan2'], aliases: ['big'] }),
];

test('without more it is a model on a backend, which never sleeps', () => {
  expect(workerConfig({ model: 'demo', backend: 'cpu' }, devices)).toEqual({
    model: { id: 'demo' },
    gpu: { backend: 'cpu' },
    server: {},
    idle_ttl: 'never',
  });
});

test('port and slots are what was asked for', () => {
  const wanted = { model: 'demo', backend: 'cpu', port: 9001, parallel: 4 } as const;

  expect(workerConfig(wanted, devices)).toMatchObject({ server: { port: 9001, parallel: 4 } });
});

test.each([
  ['cuda', '1', ['gpu1']],
  ['cuda', 'gpu0', ['gpu0']],
  ['cuda', 'big', ['gpu1']],
  ['rocm', '0', ['amd0']],
  ['vulkan', '1', ['gpu0']],
  ['cpu', '0', undefined],
] as const)('on %s device %s is %s', (backend, device, expected) => {
  expect(workerConfig({ model: 'demo', backend, device }, devices).gpu?.devices).toEqual(expected);
});

test.each([
  ['cuda', '2', 'there is gpu0, gpu1'],
  ['cpu', '1', 'there is cpu'],
  ['cuda', 'amd0', 'there is gpu0, gpu1'],
  ['metal', '0', 'drover devices'],
] as const)('on %s there is no device %s', (backend, device, hint) => {
  expect(() => workerConfig({ model: 'demo', backend, device }, devices)).toThrow(
    expect.objectContaining({ code: 'DEVICE_NOT_FOUND', hint: expect.stringContaining(hint) as string }) as Error,
  );
});
