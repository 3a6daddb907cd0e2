import { expect, test } from 'vitest';

import type { DownloadView } from '../../../contract/models.ts';
import { downloadLine } from './progress-bar.ts';

const HALF: DownloadView = {
  model: 'qwen',
  reference: 'hf:a/b',
  revision: 'c0',
  host: 'here',
  phase: 'downloading',
  received_bytes: 512 * 1024 * 1024,
  total_bytes: 1024 * 1024 * 1024,
  bytes_per_second: 10 * 1024 * 1024,
  eta_ms: 51_200,
  note: null,
  started_at: '2026-01-01T00:00:00.000Z',
};

test('bytes, rate and time left stand behind a bar', () => {
  expect(downloadLine(HALF, 80)).toMatch(
    /^qwen {2}█+░+ {3}50 % {2}512\.0 MiB \/ 1\.0 GiB {2}10\.0 MiB\/s {2}51\S* left$/,
  );
});

test('it is never wider than the terminal', () => {
  const lines = [20, 40, 79, 200].map((columns) => downloadLine({ ...HALF, note: 'the connection was cut' }, columns));
  expect(lines.map((line) => line.length < 200)).toEqual([true, true, true, true]);
  expect(lines[0]?.length).toBe(19);
});

test('a long name gives way to the figures, and the bar does before them', () => {
  const long = { ...HALF, model: 'qwen2.5-coder-32b-instruct-q4_k_m' };

  expect(downloadLine(long, 80)).toMatch(/^qwen2\.5-coder\S*… {2}█{5}░{5} {3}50 % .* left$/);
  expect(downloadLine(long, 120)).toMatch(/^qwen2\.5-coder-32b-instruct-q4_k_m {2}█+░+ {3}50 % .* left$/);
  expect(downloadLine({ ...long, note: 'the connection was cut' }, 80)).toMatch(/^qwen\S*… {3}50 % .* left {2}\(the/);
});

test('what it waits for is told', () => {
  expect(downloadLine({ ...HALF, received_bytes: 0, bytes_per_second: 0, eta_ms: null }, 80)).toMatch(/starting$/);
  expect(downloadLine({ ...HALF, bytes_per_second: null, eta_ms: null }, 80)).toMatch(/starting$/);
  expect(downloadLine({ ...HALF, phase: 'verifying' }, 80)).toContain('checking its SHA-256');
  expect(downloadLine({ ...HALF, eta_ms: null, bytes_per_second: 0, note: 'status 429' }, 120)).toMatch(/stalled {2}\(status 429\)$/); // prettier-ignore
});
