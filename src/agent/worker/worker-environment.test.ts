/** Which card a worker sees. */

import { expect, test } from 'vitest';

import type { Grant } from '../../contract/index.ts';
import { workerEnvironment } from './worker-environment.ts';

const grant = { attempt: { task: 'B/one', no: 1, epoch: 1 }, env: {}, item: null } as unknown as Grant; // what is read of it

const seenBy = (kind: 'nvidia' | 'amd' | 'cpu', uuid: string | null) => {
  const { CUDA_VISIBLE_DEVICES, HIP_VISIBLE_DEVICES, ROCR_VISIBLE_DEVICES } = workerEnvironment(grant, {
    home: '/home',
    device: { id: 'x', kind, uuid, index: 1 },
    itemFile: '/item',
    progressFile: '/progress',
    memoryFile: null,
  });
  return { CUDA_VISIBLE_DEVICES, HIP_VISIBLE_DEVICES, ROCR_VISIBLE_DEVICES };
};

test('a worker sees its own card, named once, and without a card none', () => {
  expect(seenBy('nvidia', 'GPU-1')).toEqual({ CUDA_VISIBLE_DEVICES: 'GPU-1' });
  expect(seenBy('nvidia', null)).toEqual({ CUDA_VISIBLE_DEVICES: '1' });
  expect(seenBy('amd', 'GPU-9246a1b2c3d4e5f6')).toEqual({ HIP_VISIBLE_DEVICES: '1' });
  expect(seenBy('cpu', null)).toEqual({ CUDA_VISIBLE_DEVICES: '', HIP_VISIBLE_DEVICES: '' });
});
