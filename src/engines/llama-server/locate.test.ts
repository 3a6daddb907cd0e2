import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { llamaServerFile, llamaServerFolder } from '../engine-folder.ts';
import type { EngineFolderSettings } from '../engine-folder.ts';
import { packagedRelease } from '../packaged-sources.ts';
import { findLlamaServer } from './locate.ts';

interface Machine {
  readonly settings: EngineFolderSettings;
  readonly onPath: string;
  readonly built: string;
}

/** A home and a PATH of their own, both empty. */
function machine(): Machine {
  const home = mkdtempSync(join(tmpdir(), 'drover-locate-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const bin = join(home, 'bin');
  const built = llamaServerFolder(join(home, 'engines'), packagedRelease(), 'cpu');
  for (const folder of [bin, built]) mkdirSync(folder, { recursive: true });
  return {
    settings: { home, environment: { PATH: bin } },
    onPath: join(bin, 'llama-server'),
    built: llamaServerFile(built),
  };
}

/** A program that tells the given version and one flag. */
function program(file: string, version: string): string {
  writeFileSync(file, `#!/bin/sh\n[ "$1" = --version ] && echo "version: ${version}" || echo "--fit X   fit"\n`);
  chmodSync(file, 0o755);
  return file;
}

test('the configured program wins over the one on PATH, and that over the built one', async () => {
  const { settings, onPath, built } = machine();
  const configured = program(join(settings.home, 'mine'), 'mine');
  program(built, 'built');

  const third = await findLlamaServer(settings, undefined);
  program(onPath, 'path');
  const second = await findLlamaServer(settings, undefined);
  const first = await findLlamaServer(settings, configured);

  expect([first, second, third].map(({ version, origin }) => [version, origin])).toEqual([
    ['mine', 'config'],
    ['path', 'path'],
    ['built', 'built'],
  ]);
  expect(first.flags?.get('--fit')).toEqual({ names: ['--fit'], takesValue: true, env: null });
});

test('a program is asked once, and again when it was replaced', async () => {
  const { settings, onPath } = machine();
  program(onPath, 'one');
  await findLlamaServer(settings, undefined);

  program(onPath, 'two');
  utimesSync(onPath, 1, 1);
  const replaced = await findLlamaServer(settings, undefined);
  program(onPath, 'six');
  utimesSync(onPath, 1, 1);
  const looksTheSame = await findLlamaServer(settings, undefined);

  expect(replaced.version).toBe('two');
  expect(looksTheSame.version).toBe('two');
});

test('nothing anywhere is told with the command that helps', async () => {
  const { settings } = machine();

  await expect(findLlamaServer(settings, undefined)).rejects.toMatchObject({
    code: 'ENGINE_NOT_FOUND',
    hint: expect.stringContaining('drover engine build'),
  });
});

test('a configured path that is no program is named', async () => {
  const { settings } = machine();

  await expect(findLlamaServer(settings, '/no/such')).rejects.toThrow('"/no/such" is no executable file');
});

test('a program that does not run here is told with its last words', async () => {
  const { settings, onPath } = machine();
  writeFileSync(onPath, '#!/bin/sh\necho "libcuda.so.1: cannot open" >&2\nexit 127\n');
  chmodSync(onPath, 0o755);

  await expect(findLlamaServer(settings, undefined)).rejects.toThrow('libcuda.so.1: cannot open');
});
