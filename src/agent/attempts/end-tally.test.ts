import { expect, test } from 'vitest';

import { EndTally } from './end-tally.ts';

test('ends are counted by device; what a person ended is neither good nor bad', () => {
  const tally = new EndTally();

  tally.count('cpu', { result: 'exited', exitCode: 0 });
  tally.count('cpu', { result: 'exited', exitCode: 3 });
  tally.count('cpu', { result: 'timed_out', exitCode: null });
  tally.count('cpu', { result: 'cancelled', exitCode: null });
  tally.count('sim0', { result: 'exited', exitCode: 0 });

  expect(tally.byDevice()).toEqual({ cpu: { succeeded: 1, failed: 2 }, sim0: { succeeded: 1, failed: 0 } });
});
