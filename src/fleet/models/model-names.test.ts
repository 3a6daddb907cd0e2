import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { TestClock } from '../../kernel/index.ts';
import { createModelNames } from './model-names.ts';

function namesOver(home: string, clock: TestClock) {
  const models = { all: () => new Map(), known: () => new Map() };
  return createModelNames({
    home,
    clock,
    declared: () => [],
    models: models as unknown as Parameters<typeof createModelNames>[0]['models'], // what names read of it
    autoPull: { idOf: () => null },
    lacking: () => null,
  });
}

function configure(home: string, name: string): void {
  mkdirSync(join(home, 'instances', name), { recursive: true });
  const config = { name, engine: { kind: 'embedded' }, model: { id: 'demo' } };
  writeFileSync(join(home, 'instances', name, 'config.json'), JSON.stringify(config));
}

test('a name that was only written to a config is found; the disk is looked at four times a second at most', async () => {
  const home = mkdtempSync(join(tmpdir(), 'names-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const clock = new TestClock();
  const names = namesOver(home, clock);
  configure(home, 'alpha');
  expect(names.resolve('alpha')).toMatchObject({ kind: 'instance', name: 'alpha' });
  configure(home, 'beta');

  const atOnce = names.resolve('beta');
  await clock.advance(250);

  expect(atOnce).toBeNull();
  expect(names.resolve('beta')).toMatchObject({ kind: 'instance', name: 'beta' });
});
