import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import type { FetchedFiles, FetchOrder } from '../contract/index.ts';
import { silentLog, TestClock } from '../kernel/index.ts';
import type { FetchModelDeps } from '../models/hub/index.ts';
import { createFetches } from './fetches.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-fetches-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ORDER: FetchOrder = { model: 'qwen', files: [] };
const FILES: FetchedFiles = [{ path: '/models/qwen/a.gguf', sizeBytes: 1, sha256: 'ab' }];

/** Fetches that end when the test says so. */
function rig() {
  const begun: FetchModelDeps[] = [];
  let finish: (files: FetchedFiles) => void = () => {};
  const fetches = createFetches({
    folder,
    fetchModel: (_order, _folder, deps) => {
      begun.push(deps);
      return new Promise((resolve, reject) => {
        finish = resolve;
        deps.signal.addEventListener('abort', () => reject(deps.signal.reason as Error));
      });
    },
    ownToken: () => 'of the environment',
    tell: () => {},
    clock: new TestClock(),
    random: () => 0,
    isOffline: () => false,
    log: silentLog,
  });
  return { fetches, begun, finish: (files: FetchedFiles) => finish(files) };
}

test('a model that is ordered twice comes once, and both are answered', async () => {
  const { fetches, begun, finish } = rig();

  const both = [fetches.fetch(ORDER, null), fetches.fetch(ORDER, null)];
  finish(FILES);

  expect(await Promise.all(both)).toEqual([FILES, FILES]);
  expect(begun).toHaveLength(1);
});

test('the token of an order goes before that of the environment', async () => {
  const { fetches, begun, finish } = rig();
  const first = fetches.fetch(ORDER, null);
  finish(FILES);
  await first;
  const second = fetches.fetch(ORDER, 'of the order');
  finish(FILES);
  await second;

  expect(begun.map(({ token }) => token)).toEqual(['of the environment', 'of the order']);
});

test('what is dropped ends, and nothing is left of it', async () => {
  const { fetches } = rig();
  mkdirSync(join(folder, 'qwen'));
  writeFileSync(join(folder, 'qwen', 'a.gguf.part'), 'x');
  const ordered = fetches.fetch(ORDER, null).catch((error: unknown) => error);

  await fetches.drop('qwen');

  expect(await ordered).toMatchObject({ code: 'ABORTED' });
  expect(existsSync(join(folder, 'qwen'))).toBe(false);
});

test('an agent that ends keeps what has come', async () => {
  const { fetches } = rig();
  mkdirSync(join(folder, 'qwen'));
  const ordered = fetches.fetch(ORDER, null).catch((error: unknown) => error);

  await fetches[Symbol.asyncDispose]();

  expect(await ordered).toMatchObject({ code: 'ABORTED' });
  expect(existsSync(join(folder, 'qwen'))).toBe(true);
});
