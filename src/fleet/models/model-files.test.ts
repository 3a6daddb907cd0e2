import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { silentLog, TestClock } from '../../kernel/index.ts';
import { writeDemoModel } from '../../models/index.ts';
import { openStore } from '../../store/index.ts';
import { createModelFiles } from './model-files.ts';
import { createModelRegistry } from './model-registry.ts';

test('of a model in parts any part stands for all of them, and what is imported is its owner’s alone', async () => {
  const root = mkdtempSync(join(tmpdir(), 'drover-files-'));
  const folder = join(root, 'models');
  mkdirSync(folder);
  const store = await openStore({ url: `sqlite:${join(root, 'store.db')}`, log: silentLog, clock: new TestClock() });
  onTestFinished(async () => {
    await store.close();
    rmSync(root, { recursive: true });
  });
  const models = await createModelRegistry({ store, modelsFolder: folder, host: 'here', onChange: () => {} });
  const files = createModelFiles({ models, folder, usersOf: () => [], arrivals: { has: () => false } });
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
