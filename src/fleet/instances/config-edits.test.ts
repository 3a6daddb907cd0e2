import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { report } from '../../../test/support/gateway-rig.ts';
import { instanceConfigSchema } from '../../contract/index.ts';
import { createConfigEdits } from './config-edits.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'drover-edits-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function rig(fingerprint: () => string | null) {
  const file = join(folder, 'config.json');
  writeFileSync(file, '{}');
  let asked = 0;
  const edits = createConfigEdits({
    fingerprint: async () => {
      asked++;
      return fingerprint();
    },
  });
  const config = instanceConfigSchema.parse({ name: 'alpha', model: { id: 'demo' } });
  const loaded = { kind: 'ok', file, config, warnings: [] } as const;
  const running = report({ name: 'alpha', port: 8_001 }, { fingerprint: 'as-started', model: join(folder, 'm.gguf') });
  return { file, loaded, running, edits, asked: () => asked };
}

test('the config is resolved again only when the file or the model is another one', async () => {
  let now = 'as-started';
  const { file, loaded, running, edits, asked } = rig(() => now);
  const look = () => edits.reachesOnlyAfterRestart(loaded, running);

  expect([await look(), await look(), asked()]).toEqual([false, false, 1]);
  now = 'edited';
  writeFileSync(file, '{ "edited": true }');

  expect([await look(), await look(), asked()]).toEqual([true, true, 2]);
  writeFileSync(running.model, 'GGUF');
  expect([await look(), asked()]).toEqual([true, 3]);
});

test('what does not run, or means nothing, needs no restart', async () => {
  const { loaded, running, edits, asked } = rig(() => null);

  expect(await edits.reachesOnlyAfterRestart(loaded, null)).toBe(false);
  expect(await edits.reachesOnlyAfterRestart(loaded, { ...running, url: null, state: 'stopped' })).toBe(false);
  expect(asked()).toBe(0);
  expect(await edits.reachesOnlyAfterRestart(loaded, running)).toBe(false);
});

test('a model below what is no folder is one that is not there', async () => {
  const { file, loaded, running, edits } = rig(() => 'as-started');

  expect(await edits.reachesOnlyAfterRestart(loaded, { ...running, model: join(file, 'm.gguf') })).toBe(false);
});
