/** Claims over policies. */

import { expect, test } from 'vitest';

import { withClaims } from './device-claims.ts';

const reports = [
  { id: 'gpu0', roles: ['tasks' as const, 'instances' as const] },
  { id: 'gpu1', roles: ['tasks' as const, 'instances' as const] },
];

test('a claimed device keeps its other roles and what holds it; others stay as they were', () => {
  const hold = { kind: 'reserved', reason: 'mine', until: null } as const;
  const policies = [{ device: 'gpu0', roles: null, hold }];

  expect(withClaims(policies, ['gpu0', 'gpu1'], reports)).toEqual([
    { device: 'gpu0', roles: ['instances'], hold },
    { device: 'gpu1', roles: ['instances'], hold: null },
  ]);
  expect(withClaims(policies, [], reports)).toEqual(policies);
});
