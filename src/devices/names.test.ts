/** Which device a name means, and what is said when it means none or several. */

import { expect, test } from 'vitest';

import { readingOf } from './device.ts';
import { findDevice, giveAliases, offeredDevices } from './names.ts';

const card = (index: number, uuid: string, name = 'RTX 3060') =>
  readingOf({ id: `gpu${index}`, kind: 'nvidia', name, index, totalBytes: 1, uuid, backendNames: [`CUDA${index}`] });

const HOST = [
  readingOf({ id: 'cpu', kind: 'cpu', name: 'Ryzen', index: 0, totalBytes: 1 }),
  card(0, 'GPU-5d5ba0d6-aaaa'),
  card(1, 'GPU-5d5b77c1-bbbb'),
  card(2, 'GPU-9e81f2a0-cccc', 'RTX 3090'),
];

const idOf = (name: string) => {
  const found = findDevice(HOST, name);
  return found.kind === 'found' ? found.device.id : found.message;
};

test('a device answers to its id, UUID, backend name, card name and the beginning of its UUID', () => {
  const names = ['gpu1', 'gpu-9e81f2a0-CCCC', 'cuda0', 'rtx 3090', '9e81', 'GPU-9e8', 'cpu'];

  expect(names.map(idOf)).toEqual(['gpu1', 'gpu2', 'gpu0', 'gpu2', 'gpu2', 'gpu2', 'cpu']);
});

test('a name of several devices means none of them', () => {
  expect(idOf('RTX 3060')).toBe('"RTX 3060" may be gpu0 and gpu1');
  expect(idOf('5d5b')).toBe('"5d5b" may be gpu0 and gpu1');
});

test('what is near is proposed, and what is not is answered with the list', () => {
  expect(findDevice(HOST, 'gpu7')).toEqual({
    kind: 'unknown',
    message: 'there is no device "gpu7"; there are cpu, gpu0, gpu1, gpu2',
    hint: 'did you mean "gpu0" or "gpu1" or "gpu2"?',
  });
  expect(findDevice(HOST, 'the big one')).toMatchObject({ hint: '"drover devices ls" shows what this host has' });
  expect(findDevice([], 'gpu0')).toMatchObject({ message: 'there is no device "gpu0"; there are none' });
});

test('an alias is given through any other name, and one that means nothing is told', () => {
  const { devices, unused } = giveAliases(HOST, { left: 'gpu0', big: '9e81', lent: 'gpu9', spare: 'CUDA0' });

  expect(devices.map(({ aliases }) => aliases)).toEqual([[], ['left', 'spare'], [], ['big']]);
  expect(unused).toEqual(['lent']);
  expect(findDevice(devices, 'big')).toMatchObject({ device: { id: 'gpu2' } });
});

test('an id wins over an alias of the same name', () => {
  const { devices } = giveAliases(HOST, { gpu0: 'gpu1' });

  expect(findDevice(devices, 'gpu0')).toMatchObject({ device: { id: 'gpu0' } });
});

test('only the devices that are named are offered, and all of them when none is', () => {
  const { devices, unused } = offeredDevices(HOST, ['cuda2', 'cpu', 'gpu9']);

  expect(devices.map(({ id }) => id)).toEqual(['cpu', 'gpu2']);
  expect(unused).toEqual(['gpu9']);
  expect(offeredDevices(HOST, null).devices).toBe(HOST);
});
