import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { nextEpoch } from './epoch.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'epoch-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const NOW = Date.UTC(2026, 0, 1);

test('every start is one more', () => {
  const path = join(folder, 'epoch');
  writeFileSync(path, '41\n');

  expect([nextEpoch(path, NOW), nextEpoch(path, NOW)]).toEqual([42, 43]);
});

test('a file that is gone or damaged goes on above every life that was counted before', () => {
  const path = join(folder, 'epoch');

  const lost = nextEpoch(path, NOW);
  writeFileSync(path, 'x\n');
  const damaged = nextEpoch(path, NOW + 1_000);

  expect(lost).toBeGreaterThan(1_000_000);
  expect(damaged).toBeGreaterThan(lost);
});
