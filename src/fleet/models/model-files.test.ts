import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { silentLog, TestClock } from '../../kernel/index.ts';
import { writeDemoModel } from '../../models/index.ts';
import { openStore } from '../../store/index.ts';
import { createModelFiles } from './model-files.ts';
import { createModelRegistry } from './model-registry.ts';

/** A folder of models over a store of its own. */
async function folderOfModels({ users = [] }: { readonly users?: readonly string[] } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'drover-files-'));
  const folder = join(root, 'models');
  mkdirSync(folder);
  const store = await openStore({ url: `sqlite:${join(root, 'store.db')}`, log: silentLog, clock: new TestClock() });
  onTestFinished(async () => {
    await store.close();
    rmSync(root, { recursive: true });
  });
  const models = await createModelRegistry({ store, modelsFolder: folder, host: 'here', onChange: () => {} });
  const files = createModelFiles({ models, folder, usersOf: () => users, arrivals: { has: () => false } });
  return { root, folder, models, files };
}

test('of a model in parts any part stands for all of them, and what is imported is its owner’s alone', async () => {
  const { root, folder, models, files } = await folderOfModels();
  const [first, second] = [1, 2].map((part) => join(root, `m-0000${part}-of-00002.gguf`));
  writeDemoModel(first ?? '');
  copyFileSync(first ?? '', second ?? '');

  const registered = await models.register({ id: 'left', path: second ?? '', source: 'file' });
  const imported = await files.import({ id: 'copied', path: second ?? '' });

  expect(registered.files.map(({ path }) => path)).toEqual([first, second]);
  expect(imported.path).toBe(join(folder, 'copied', basename(first ?? '')));
  expect(imported.files.map(({ path }) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600]);
  expect(imported.size_bytes).toBe(registered.size_bytes);
});

test('of two imports under one id the second is told of the first', async () => {
  const { root, files } = await folderOfModels();
  const path = join(root, 'own.gguf');
  writeDemoModel(path);

  const both = await Promise.allSettled([files.import({ id: 'own', path }), files.import({ id: 'own', path })]);

  expect(both).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { code: 'MODEL_EXISTS' } }]);
});

test('a model that an instance shall run is neither retired nor removed', async () => {
  const { models, files } = await folderOfModels({ users: ['chat'] });
  await models.registerDemo();

  await expect(files.retire('demo')).rejects.toMatchObject({
    code: 'MODEL_BUSY',
    hint: 'run "drover down chat" first',
  });
  await expect(files.remove('demo')).rejects.toMatchObject({ code: 'MODEL_BUSY' });

  expect(await models.get('demo')).toMatchObject({ state: 'ready' });
});
