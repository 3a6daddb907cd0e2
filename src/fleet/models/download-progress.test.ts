/** How far downloads are: what is shown, what is written down of it, and what happens where that cannot be done. */

import { expect, test } from 'vitest';

import { createDownloadProgress } from './download-progress.ts';

const advanced = (receivedBytes: number) => ({
  model: 'qwen',
  phase: 'downloading' as const,
  receivedBytes,
  totalBytes: 100,
  bytesPerSecond: 10,
  note: null,
});

test('a fact that cannot be written, as on the disk that the download has filled, is told and ends nothing', async () => {
  const errors: unknown[] = [];
  const full = new Error('database or disk is full');
  const progress = createDownloadProgress({ write: () => Promise.reject(full) }, (error) => errors.push(error));

  progress.told(advanced(5));
  progress.told(advanced(55));
  await new Promise((resolve) => setImmediate(resolve));

  expect(errors).toEqual([full]);
  expect(progress.of('qwen', 100)).toMatchObject({ received_bytes: 55, eta_ms: 4_500 });
});
