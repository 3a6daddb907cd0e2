import { expect, test } from 'vitest';

import type { Waiting } from '../queue/tiers.ts';
import { Grants } from './grants.ts';

const ALPHA = { name: 'alpha', slotsTotal: 2 };

function request(id: string): Waiting {
  return {
    id,
    group: 'demo',
    lane: 'demo',
    model: 'demo',
    key: 'k',
    class: 'interactive',
    cost: 1,
    arrivedAt: 0,
    expiresAt: null,
  };
}

const hold = () => ({ instance: 'alpha', incarnation: 'process 1' });

test('a slot whose request was left comes back soon, however long requests take', () => {
  const grants = new Grants();
  const served = hold();
  grants.begin(served, request('served'), 0);
  grants.end(served, true, 60_000);
  const left = grants.begin(hold(), request('left'), 60_000);
  grants.begin(hold(), request('goes on'), 60_000);

  grants.leave(left);

  const lines = grants.lines('demo', [ALPHA], 70_000);
  expect(lines?.map(({ freeInMs }) => freeInMs)).toEqual([1_000, 50_000]);
});

test('a slot that is on its way back counts as room that is made already', () => {
  const grants = new Grants();
  const left = grants.begin(hold(), request('left'), 0);

  grants.leave(left);

  expect(grants.leavingOn(['alpha'])).toBe(1);
});
