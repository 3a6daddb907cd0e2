/** What ssh is given: words that reach the program on the other side as they are, whatever shell reads them there. */

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { parseEndpoint } from './endpoint.ts';
import type { SshEndpoint } from './endpoint.ts';
import { sshArguments } from './ssh.ts';

const folder = mkdtempSync(join(tmpdir(), 'drover-ssh-'));
/** A drover that prints what reached it, in a path that needs quotes. */
const program = join(folder, "it's $(me)");
writeFileSync(
  program,
  `#!/usr/bin/env node\nconsole.log(JSON.stringify([process.env.DROVER_HOME, ...process.argv.slice(2)]))`,
);
chmodSync(program, 0o755);
afterAll(() => rmSync(folder, { recursive: true }));

const HOSTILE = [
  "it's; touch pwned",
  '$(touch pwned)',
  '`touch pwned`',
  '-oProxyCommand=x',
  'a b\nc',
  '"',
  '\\',
  '*',
  '~',
  '!!',
];

test.each(['bash', 'sh'])('hostile words and a hostile home reach the program as they are, by %s', (shell) => {
  for (const word of HOSTILE) {
    const endpoint: SshEndpoint = { kind: 'ssh', destination: 'rig', port: null, program, home: word };
    const line = sshArguments(endpoint, [word, 'last']).at(-1) ?? '';

    const said = execFileSync(shell, ['-c', line], { cwd: folder, encoding: 'utf8' });

    expect(JSON.parse(said)).toEqual([word, '-H', 'local', word, 'last']);
  }
  expect(readdirSync(folder)).toHaveLength(1);
});

test('the destination stands behind --, and nothing is asked for', () => {
  const endpoint = parseEndpoint('ssh://ann@rig:2222/opt/drover/bin/drover.js?home=%2Fdata%2Fd') as SshEndpoint;

  expect(sshArguments(endpoint, ['dial-stdio'])).toEqual([
    '-T',
    '-oBatchMode=yes',
    '-oConnectTimeout=10',
    '-p',
    '2222',
    '--',
    'ann@rig',
    'env DROVER_HOME=/data/d /opt/drover/bin/drover.js -H local dial-stdio',
  ]);
});
