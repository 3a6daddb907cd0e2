import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { AppError } from '../../contract/index.ts';
import type { AgentCall, FetchedFiles } from '../../contract/index.ts';
import { silentLog, TestClock } from '../../kernel/index.ts';
import { writeDemoModel } from '../../models/index.ts';
import type { HubModel } from '../../models/hub/index.ts';
import { listFacts, openStore } from '../../store/index.ts';
import type { Store } from '../../store/index.ts';
import { createModelDownloads } from './model-downloads.ts';
import { createModelRegistry } from './model-registry.ts';

const FOUND: HubModel = {
  revision: 'c0ffee',
  quantisation: 'Q4_K_M',
  files: [{ path: 'a-Q4_K_M.gguf', sizeBytes: 10, sha256: 'ab', url: 'http://hub.example/a', role: 'weights' }],
};
const REFERENCE = 'hf:org/Small-GGUF';

let folder: string;
let store: Store;
let clock: TestClock;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drover-downloads-'));
  clock = new TestClock();
  store = await openStore({ url: `sqlite:${join(folder, 'store.db')}`, log: silentLog, clock });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Asked {
  readonly call: AgentCall;
  readonly answer: (files: FetchedFiles) => void;
  readonly refuse: (error: AppError) => void;
}

/** A controller's life over the store of the test, with an agent that answers when the test says so. */
async function life({ offline = false } = {}) {
  const asked: Asked[] = [];
  const stop = new AbortController();
  const models = await createModelRegistry({ store, modelsFolder: folder, host: 'here', onChange: () => {} });
  const downloads = createModelDownloads({
    store,
    models,
    clock,
    log: silentLog,
    signal: stop.signal,
    find: async () => FOUND,
    isOffline: () => offline,
    hosts: () => ({
      localHost: 'here',
      call: (_host, call) =>
        new Promise((answer, refuse) => {
          asked.push({ call, answer, refuse });
          if (call.op === 'drop-fetch') answer(null);
        }),
    }),
  });
  return { models, downloads, asked, stop };
}

const factsOf = async (): Promise<readonly string[]> =>
  (await store.read((db) => listFacts(db, { limit: 100 }))).map(({ type }) => type);

function wholeFile(): FetchedFiles {
  const path = join(folder, 'a-Q4_K_M.gguf');
  writeDemoModel(path);
  return [{ path, sizeBytes: 10, sha256: 'ab' }];
}

test('a pull is stored before it is answered, and the model is ready when its files are there', async () => {
  const { downloads, models, asked } = await life();

  const pulled = await downloads.pull({ reference: REFERENCE });
  const before = models.known().has('small');
  asked[0]?.answer(wholeFile());
  await downloads.settled('small');

  expect(pulled).toMatchObject({ kind: 'started', model: { id: 'small', state: 'downloading' } });
  expect(before).toBe(false);
  expect(await models.get('small')).toMatchObject({ state: 'ready', sha256: 'ab', hosts: ['here'], source: REFERENCE });
  expect(await factsOf()).toEqual(['model.download_started', 'model.downloaded', 'model.registered']);
});

test('asked again, what comes is told and what is there is told; the same id for another model is refused', async () => {
  const { downloads, asked } = await life();
  await downloads.pull({ reference: REFERENCE });

  const coming = await downloads.pull({ reference: REFERENCE });
  asked[0]?.answer(wholeFile());
  await downloads.settled('small');
  const there = await downloads.pull({ reference: REFERENCE });

  expect([coming.kind, there.kind]).toEqual(['running', 'present']);
  expect(asked).toHaveLength(1);
  await expect(downloads.pull({ reference: 'hf:other/Small-GGUF' })).rejects.toMatchObject({ code: 'MODEL_EXISTS' });
});

test('the next controller asks again for what the last one has begun', async () => {
  const first = await life();
  await first.downloads.pull({ reference: REFERENCE, tier: 3 });
  first.stop.abort(new Error('killed'));

  const second = await life();
  await second.downloads.resume();
  second.asked[0]?.answer(wholeFile());
  await second.downloads.settled('small');

  expect(second.asked[0]?.call).toMatchObject({ op: 'fetch-model', order: { model: 'small' } });
  expect(await second.models.get('small')).toMatchObject({ state: 'ready', tier: 3 });
});

test('an agent that is away is waited for; a refusal of the hub ends it, with its reason', async () => {
  const { downloads, models, asked } = await life();
  await downloads.pull({ reference: REFERENCE });

  asked[0]?.refuse(new AppError('AGENT_UNAVAILABLE', 'away'));
  await clock.advance(2_000);
  asked[1]?.refuse(new AppError('MODEL_GATED', 'who are you', { hint: 'say so' }));
  await downloads.settled('small');

  expect(asked).toHaveLength(2);
  expect(await models.get('small')).toMatchObject({ state: 'failed', reason: 'who are you' });
  expect((await factsOf()).at(-1)).toBe('model.download_failed');
  expect(await downloads.pull({ reference: REFERENCE })).toMatchObject({ kind: 'started' });
});

test('what is cancelled is gone, whatever the agent says then', async () => {
  const { downloads, models, asked } = await life();
  await downloads.pull({ reference: REFERENCE });

  await downloads.cancel('small');
  asked[0]?.answer(wholeFile());
  await clock.advance(1);

  expect(models.all().size).toBe(0);
  expect(asked.map(({ call }) => call.op)).toEqual(['fetch-model', 'drop-fetch']);
  await expect(downloads.cancel('small')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
});

test('offline nothing is asked', async () => {
  const { downloads, asked } = await life({ offline: true });

  await expect(downloads.pull({ reference: REFERENCE })).rejects.toMatchObject({ code: 'OFFLINE' });

  expect(asked).toEqual([]);
});

test('each tenth of the way is a fact, and a look tells the rest', async () => {
  const { downloads } = await life();
  await downloads.pull({ reference: REFERENCE });
  const told = (receivedBytes: number): void =>
    downloads.onProgress({
      model: 'small',
      phase: 'downloading',
      receivedBytes,
      totalBytes: 10,
      bytesPerSecond: 2,
      note: null,
    });

  told(0);
  told(4);
  await store.write(async () => {});

  expect(downloads.list()).toMatchObject([{ phase: 'downloading', received_bytes: 4, eta_ms: 3_000 }]);
  expect(await factsOf()).toEqual(['model.download_started', 'model.download_advanced']);
});
