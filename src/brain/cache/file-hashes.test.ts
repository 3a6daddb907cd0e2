import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { systemClock } from '../../kernel/index.ts';
import { createFileHashes } from './file-hashes.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hashes-'));
  mkdirSync(join(folder, 'a'));
  mkdirSync(join(folder, 'b'));
  writeFileSync(join(folder, 'a/data'), 'one');
});
afterEach(() => rmSync(folder, { recursive: true }));

const hashNow = async (): Promise<string | undefined> => (await createFileHashes(systemClock).hash(folder))?.hash;

test('a folder has another hash when a file in it, or behind a link in it, has another content', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'outside-'));
  writeFileSync(join(outside, 'far'), 'one');
  symlinkSync(outside, join(folder, 'b/link'));
  const first = await hashNow();
  const again = await hashNow();

  writeFileSync(join(folder, 'a/data'), 'two');
  const second = await hashNow();
  writeFileSync(join(outside, 'far'), 'two');
  const third = await hashNow();
  rmSync(outside, { recursive: true });

  expect(again).toBe(first);
  expect(new Set([first, second, third]).size).toBe(3);
});

test('links that lead around come to an end', async () => {
  for (const name of ['a/up', 'a/over', 'b/up', 'b/over']) symlinkSync(folder, join(folder, name));

  expect(await hashNow()).toMatch(/^[0-9a-f]{64}$/);
});
