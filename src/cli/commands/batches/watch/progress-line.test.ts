import { expect, test } from 'vitest';

import type { BatchProgressView } from '../../../../contract/progress.ts';
import { progressLine } from './progress-line.ts';

const COUNTS = { waiting: 0, ready: 0, leased: 0, backoff: 0, skipped: 7, cancelled: 0, parked: 0 };
const TASKS = { ...COUNTS, total: 5_001, succeeded: 1_615, failed: 104, aborted: 104, running: 5 };
// Only what the line tells of.
const view = {
  tasks: TASKS,
  status: 'running',
  eta_ms: 121_000,
  tokens_per_second: 31,
} as unknown as BatchProgressView;

test('all that is known is told where there is room', () => {
  expect(progressLine(view)).toBe(
    '1615/5001 done, 104 failed, 104 aborted, 7 skipped, 5 running, about 2m00s left, 31 tok/s',
  );
});

test('on a narrow terminal what a person waits for is kept', () => {
  const line = progressLine(view, 56);

  expect(line).toBe('1615/5001 done, 104 failed, 5 running, about 2m00s left');
  expect(line.length).toBeLessThanOrEqual(56);
});
