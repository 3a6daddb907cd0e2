/** What is told of a command before it is granted. */

import { expect, test } from 'vitest';

import { foresee } from './foresee.ts';
import type { ForesightDeps } from './foresee.ts';
import { DEFAULT_POLICY } from '../permissions/index.ts';
import type { Policy } from '../permissions/index.ts';

const on = (policy: Partial<Policy>, hasSandbox = true): ForesightDeps => ({
  policies: { of: () => ({ policy: { ...DEFAULT_POLICY, ...policy }, file: null }), allow: () => {} },
  keep: [],
  hasSandbox,
});
const plain = { executor: 'worker', sandbox: 'none' } as const;

test('a constant command that the policy forbids is told, with its placeholders as they stand', () => {
  expect(foresee({ ...plain, text: 'cp {FILE} x; rm -rf /' }, on({}))).toEqual([
    'the policy of worker forbids "rm -rf /" (guard destructive: it would destroy or open up /)',
  ]);
  expect(foresee({ ...plain, text: 'rm -rf {DIR}' }, on({}))).toEqual([]);
});

test('so is a question to a person', () => {
  expect(foresee({ ...plain, text: 'git push' }, on({ ask: ['git'] }))).toEqual([
    'a person will be asked about "git push"',
  ]);
});

test('lists that only a sandbox enforces are told where there is none', () => {
  const limits = { network: 'none' as const };

  expect(foresee({ ...plain, text: 'true' }, on(limits))[0]).toContain('add "sandbox: bwrap"');
  expect(foresee({ ...plain, sandbox: 'bwrap', text: 'true' }, on(limits))).toEqual([]);
  expect(foresee({ ...plain, sandbox: 'bwrap', text: 'true' }, on(limits, false))[0]).toContain(
    'apt-get install bubblewrap',
  );
});
