/** What is told of the pace of a download, above all while nothing comes. */

import { expect, test } from 'vitest';

import { TestClock } from '../../kernel/index.ts';
import { createFetchMeter } from './fetch-meter.ts';

const MIB = 1024 * 1024;

function meterOf(clock: TestClock) {
  const file = { url: 'http://hub/x', name: 'x.gguf', sizeBytes: 100 * MIB, sha256: null };
  return createFetchMeter({ model: 'x', files: [file] }, 0, clock);
}

async function seconds(clock: TestClock, meter: ReturnType<typeof meterOf>, each: readonly number[]) {
  const rates: (number | null)[] = [];
  for (const mebibytes of each) {
    if (mebibytes > 0) meter.listeners.onBytes(mebibytes * MIB);
    await clock.advance(1_000);
    const { bytesPerSecond } = meter.read();
    rates.push(bytesPerSecond === null ? null : bytesPerSecond / MIB);
  }
  return rates;
}

test('a pause leaves the pace, a stall ends it, and it begins anew with the next bytes', async () => {
  const clock = new TestClock();
  const meter = meterOf(clock);

  expect(await seconds(clock, meter, [10, 10, 0, 0, 0, 0, 8])).toEqual([10, 10, 10, 10, 0, 0, 8]);
});

test('before the first byte there is no pace, then none comes', async () => {
  const clock = new TestClock();
  const meter = meterOf(clock);

  expect(await seconds(clock, meter, [0, 0, 0, 4])).toEqual([null, null, 0, 4]);
});
