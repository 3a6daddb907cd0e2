/** Where values of secrets come from, in which order, and what keeps them from being used. */

import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { findSecrets } from './find-secrets.ts';
import type { SecretSources } from './find-secrets.ts';
import { readSecretFile, secretFile, writeSecret } from './secret-file.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'drover-secrets-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const sources = (environment: Record<string, string> = {}, command: string | null = null): SecretSources => ({
  home,
  environment,
  command: () => command,
});

test('the file wins over the environment, which wins over the command', async () => {
  writeSecret(home, 'A', 'from-file');
  const where = sources({ A: 'from-environment', B: 'from-environment' }, 'echo "from-command-$1"');

  expect(await findSecrets(['A', 'B', 'C'], where)).toEqual({
    kind: 'found',
    values: { A: 'from-file', B: 'from-environment', C: 'from-command-C' },
  });
});

test.each(['exit 1', 'true', 'echo ""'])(
  'a command that has nothing to say (%s) leaves the secret missing',
  async (command) => {
    expect(await findSecrets(['C'], sources({}, command))).toMatchObject({
      kind: 'missing',
      reason: expect.stringContaining('drover secrets set C'),
    });
  },
);

test('a value too short to be masked is refused', async () => {
  expect(await findSecrets(['A'], sources({ A: 'abc' }))).toMatchObject({ reason: expect.stringContaining('shorter') });
});

test('a file that others can read is not used', async () => {
  writeSecret(home, 'A', 'from-file');
  chmodSync(secretFile(home), 0o640);

  await expect(findSecrets(['A'], sources())).rejects.toMatchObject({
    code: 'PERMISSION_DENIED',
    hint: expect.stringContaining('chmod 600'),
  });
});

test('values of any kind come back from the file, which only its owner can read', () => {
  const values = { A: 'a "b" \'c\' $d #e', B: 'two\nlines', C: ' blank ', D: 'päss=' };
  for (const [name, value] of Object.entries(values)) writeSecret(home, name, value);

  expect(Object.fromEntries(readSecretFile(home))).toEqual(values);
  expect(statSync(secretFile(home)).mode & 0o777).toBe(0o600);
  expect(writeSecret(home, 'A', null)).toBe(true);
  expect(writeSecret(home, 'A', null)).toBe(false);
  expect(readFileSync(secretFile(home), 'utf8')).not.toContain('$d');
});

test('a file written by hand is read as env files are', () => {
  writeFileSync(secretFile(home), "# keys\nexport A=plain\nB='it is #1'\n\nC = no\n", { mode: 0o600 });

  expect(Object.fromEntries(readSecretFile(home))).toEqual({ A: 'plain', B: 'it is #1' });
});

test('a file with the line ends of Windows has its values, and keeps them when one is added', () => {
  writeFileSync(secretFile(home), '\uFEFFA=plain\r\nB="quoted"\r\n', { mode: 0o600 });

  writeSecret(home, 'C', 'added');

  expect(Object.fromEntries(readSecretFile(home))).toEqual({ A: 'plain', B: 'quoted', C: 'added' });
});
