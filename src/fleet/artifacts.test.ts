import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { silentLog, systemClock } from '../kernel/index.ts';
import { openStore } from '../store/index.ts';
import type { Store } from '../store/index.ts';
import { createArtifacts } from './artifacts.ts';
import type { Artifacts } from './artifacts.ts';

let folder: string;
let store: Store;
let artifacts: Artifacts;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drover-artifacts-'));
  store = await openStore({ url: `sqlite:${join(folder, 'store.db')}`, log: silentLog, clock: systemClock });
  artifacts = createArtifacts({ store, folder: join(folder, 'artifacts') });
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function* bytes(...pieces: readonly string[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) yield Buffer.from(piece);
}
const files = (): readonly string[] => readdirSync(join(folder, 'artifacts'));

async function* broken(): AsyncGenerator<Buffer> {
  yield Buffer.from('half');
  throw new Error('the client left');
}

test('the same bytes are one artifact, however they came and whoever brought them', async () => {
  const [first, again, other] = await Promise.all([
    artifacts.keep('key:a', 'text/plain', bytes('hel', 'lo')),
    artifacts.keep('key:a', 'text/plain', bytes('hello')),
    artifacts.keep('key:b', 'text/plain', bytes('hello')),
  ]);

  expect(first.artifact).toMatchObject({ sizeBytes: 5, digest: expect.stringMatching(/^2cf24dba/) });
  expect([first.isNew, again.isNew].filter(Boolean)).toHaveLength(1);
  expect(other).toMatchObject({ isNew: true, artifact: { digest: first.artifact.digest } });
  expect(files()).toEqual([first.artifact.digest]);
  expect(statSync(join(folder, 'artifacts', first.artifact.digest)).mode & 0o777).toBe(0o600);
});

test('the file goes with its last owner', async () => {
  const { artifact } = await artifacts.keep('key:a', 'text/plain', bytes('hello'));
  const { artifact: theirs } = await artifacts.keep('key:b', 'text/plain', bytes('hello'));

  await artifacts.remove(artifact);
  expect(files()).toHaveLength(1);
  await expect(artifacts.find(artifact.digest, 'key:a')).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
  await artifacts.remove(theirs);
  expect(files()).toEqual([]);
});

test('what breaks off leaves nothing behind', async () => {
  await expect(artifacts.keep('key:a', 'text/plain', broken())).rejects.toThrow('the client left');

  expect(files()).toEqual([]);
  expect(await artifacts.list(null)).toEqual([]);
});
