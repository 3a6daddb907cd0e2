/** How long a worker has been silent, and the most memory it held. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { TestClock } from '../../kernel/index.ts';
import { attemptFiles } from './attempt-folder.ts';
import { createVitals } from './vitals.ts';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'drover-vitals-'))));
afterEach(() => rmSync(dir, { recursive: true }));

test('output and a touched progress file end the silence; time paused is none', async () => {
  const clock = new TestClock(Date.now() + 60_000);
  const vitals = createVitals(dir, clock.now(), clock);
  const silence: number[] = [];
  const look = async (ms: number): Promise<void> => {
    await clock.advance(ms);
    vitals.look(null);
    silence.push(vitals.quietMs());
  };

  await look(5_000);
  writeFileSync(attemptFiles(dir).stderr, 'still here\n');
  await look(5_000);
  await look(3_000);
  writeFileSync(attemptFiles(dir).progress, '');
  await look(1_000);
  await look(2_000);
  vitals.pause();
  await look(60_000);
  vitals.resume();
  await look(1_000);

  expect(silence).toEqual([5_000, 0, 3_000, 0, 2_000, 2_000, 3_000]);
});

test('an adopted worker has been silent since its files were last written', () => {
  writeFileSync(attemptFiles(dir).stdout, 'x');
  const clock = new TestClock(Date.now() + 600_000);

  const { quietMs } = createVitals(dir, clock.now() - 3_600_000, clock);

  expect(quietMs()).toBeGreaterThan(590_000);
  expect(quietMs()).toBeLessThan(610_000);
});

test('the peak outlasts a look that finds nothing', () => {
  const vitals = createVitals(dir, 0, new TestClock());

  for (const bytes of [5, 9, 3, null]) vitals.look(bytes);

  expect([vitals.memoryBytes, vitals.peakMemoryBytes]).toEqual([null, 9]);
});
