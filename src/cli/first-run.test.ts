/** What somebody may meet first: a Node that is too old, a home that is a file. */

import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { createTestHome } from '../../test/support/cli/run-command.ts';
import type { TestHome } from '../../test/support/cli/run-command.ts';

const BIN = fileURLToPath(new URL('../../bin/drover.js', import.meta.url));

let home: TestHome;
beforeEach(() => {
  home = createTestHome();
});
afterEach(() => home[Symbol.dispose]());

function runOnNode(version: string): Promise<{ readonly code: unknown; readonly stderr: string }> {
  const pretence = join(home.path, 'pretend.cjs');
  writeFileSync(pretence, `Object.defineProperty(process, 'versions', { value: { node: '${version}' } });`);
  return new Promise((resolve) => {
    execFile(process.execPath, ['--require', pretence, BIN, '--version'], (error, _stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stderr });
    });
  });
}

test.each(['18.20.8', '20.18.3'])('Node %s is told to be too old, before anything else is loaded', async (version) => {
  const { code, stderr } = await runOnNode(version);

  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `error INTERNAL drover needs Node 20.19 or newer, and this is ${version}\nhint: install a newer Node, or put one first on PATH\n`,
  });
});

test.each([
  ['a command that writes', ['init', 'chat']],
  ['a command that starts the daemon', ['ps']],
])('%s says that the home is a file', async (_which, argv) => {
  const file = join(home.path, 'file');
  writeFileSync(file, '');

  const run = await home.run(argv, { env: { DROVER_HOME: file, DROVER_AUTOSTART: '1' } });

  expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining('is DROVER_HOME one?') });
});
