/** The terms of a grant: what is refused before anything of it is on disk, and what is put around what runs. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import type { Grant } from '../../contract/index.ts';
import { createPolicies } from '../permissions/index.ts';
import { createTerms } from './terms.ts';
import type { FindTerms } from './terms.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'drover-terms-'));
});
afterEach(() => rmSync(home, { recursive: true }));

function grantOf(fields: Partial<Grant> = {}): Grant {
  return {
    attempt: { batchId: 'b', task: 't', no: 1 },
    taskClass: 'cpu',
    command: 'true',
    cwd: '/batch',
    dir: '/batch/logs/t/1',
    env: { DROVER_PLAN_PATH: '/plan' },
    item: null,
    timeoutMs: 1,
    memoryBytes: 0,
    produces: [],
    executor: 'worker',
    avoid: [],
    pausable: false,
    sandbox: 'none',
    secrets: [],
    ...fields,
  };
}

function termsOn(environment: Record<string, string> = {}, bwrap: string | null = '/usr/bin/bwrap'): FindTerms {
  return createTerms({
    home,
    userHome: '/home/ann',
    policies: createPolicies(home),
    secrets: { home, environment, command: () => null },
    findSandbox: () => bwrap,
  });
}

test('a plain grant is agreed on at once, and nothing stands around it', () => {
  const terms = termsOn()(grantOf(), {});

  if (terms instanceof Promise || terms.kind !== 'agreed') throw new Error('not agreed');
  expect(terms.enclose).toBeNull();
});

test('what the policy forbids is blocked, by what the environment makes of it', () => {
  const terms = termsOn()(grantOf({ command: 'rm -rf "$TARGET"' }), { TARGET: '/' });

  expect(terms).toEqual({ kind: 'blocked', reason: expect.stringContaining('"rm -rf /" is forbidden') });
});

test('each role goes by a file of its own, which is read again when it changes', () => {
  const find = termsOn();
  const judged = (executor: 'worker' | 'brain') => find(grantOf({ command: 'git push', executor }), {});
  mkdirSync(join(home, 'policies'));
  writeFileSync(join(home, 'policies/brain.json'), '{"deny": ["git push"]}');

  expect([judged('worker'), judged('brain')]).toMatchObject([{ kind: 'agreed' }, { kind: 'blocked' }]);
  writeFileSync(join(home, 'policies/brain.json'), '{"ask": ["git push now", "git"]}');
  expect(judged('brain')).toEqual({ kind: 'ask', commands: ['git push'] });
  expect(find(grantOf({ command: 'git push', executor: 'brain', approved: ['git push'] }), {})).toMatchObject({
    kind: 'agreed',
  });
});

test('a policy that cannot be read lets nothing run', () => {
  mkdirSync(join(home, 'policies'));
  writeFileSync(join(home, 'policies/worker.json'), '{"deny": "rm"}');

  expect(termsOn()(grantOf(), {})).toMatchObject({
    kind: 'lacking',
    reason: expect.stringContaining('policies/worker.json'),
  });
});

test('without bubblewrap a sandboxed grant lacks it', () => {
  expect(termsOn({}, null)(grantOf({ sandbox: 'bwrap' }), {})).toMatchObject({
    kind: 'lacking',
    reason: expect.stringContaining('apt-get install bubblewrap'),
  });
});

test('a sandbox has the batch folder writable, hides the secrets, and has no network when the policy says so', () => {
  mkdirSync(join(home, 'policies'));
  writeFileSync(
    join(home, 'policies/worker.json'),
    '{"network": "none", "files": {"write": ["/shared"], "read": ["/data"]}}',
  );
  const terms = termsOn()(grantOf({ sandbox: 'bwrap' }), {});

  if (terms instanceof Promise || terms.kind !== 'agreed') throw new Error('not agreed');
  const line = terms.enclose?.(['bash', '-c', 'true'], '/bin/bash').join(' ') ?? '';
  expect(line).toContain('--bind /batch /batch');
  expect(line).toContain('--bind-try /shared /shared');
  expect(line).toContain('--ro-bind-try /data /data');
  expect(line).toContain(`--ro-bind-try /dev/null ${join(home, 'secrets.env')}`);
  expect(line).toContain('--unshare-net');
  expect(line).not.toContain('--ro-bind / /');
  expect(line.endsWith('-- env --default-signal=TERM,INT,HUP bash -c true')).toBe(true);
});

test('with secrets the output goes through the mask, outside of the sandbox', async () => {
  const terms = await termsOn({ TOKEN: 'a-long-value' })(grantOf({ secrets: ['TOKEN'], sandbox: 'bwrap' }), {});

  if (terms.kind !== 'agreed') throw new Error('not agreed');
  const [node, script, ...inside] = terms.enclose?.(['bash'], '/bin/bash') ?? [];
  expect([node, script]).toEqual([process.execPath, expect.stringMatching(/masked-run\.js$/)]);
  expect(inside).toContain('/usr/bin/bwrap');
  expect(terms.secrets).toEqual({ TOKEN: 'a-long-value', DROVER_SECRET_NAMES: 'TOKEN' });
});

test('a secret in a command is no known value', async () => {
  const find = termsOn({ TOKEN: 'a-long-value' });

  expect(await find(grantOf({ command: 'rm -rf "$TOKEN"', secrets: ['TOKEN'] }), {})).toMatchObject({ kind: 'agreed' });
  expect(await find(grantOf({ secrets: ['OTHER'] }), {})).toMatchObject({ kind: 'lacking' });
});
