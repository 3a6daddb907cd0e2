import { expect, test } from 'vitest';

import { itemsToMaterialise, judgeBarrier, toleratedOf, release, WINDOW } from './release.ts';
import type { EndedEdge } from './release.ts';

function edge(change: Partial<EndedEdge>): EndedEdge {
  return { parentName: 'p', ended: 'succeeded', condition: 'success', childId: 1, childPending: 1, ...change };
}

test('a child whose last parents end together is released once', () => {
  expect(release([edge({ childPending: 2 }), edge({ childPending: 2, parentName: 'q' })])).toEqual([
    { kind: 'released', childId: 1 },
  ]);
});

test('a child with a parent still to come waits for it', () => {
  expect(release([edge({ childPending: 3 })])).toEqual([{ kind: 'waits', childId: 1, pending: 2 }]);
});

test('an abort beats a skip, whichever is told first', () => {
  const verdicts = release([
    edge({ ended: 'skipped', childPending: 2 }),
    edge({ ended: 'failed', parentName: 'q', childPending: 2 }),
  ]);

  expect(verdicts).toEqual([{ kind: 'aborted', childId: 1, because: 'q failed' }]);
});

test('a skipped parent skips what plainly depends on it, and not what waits for its end', () => {
  expect(release([edge({ ended: 'skipped' })])).toMatchObject([{ kind: 'skipped' }]);
  expect(release([edge({ ended: 'skipped', condition: 'done' })])).toMatchObject([{ kind: 'released' }]);
});

test('a template that fails before its items exist aborts what would pair with them', () => {
  expect(release([edge({ ended: 'failed', condition: 'expanded' })])).toMatchObject([{ kind: 'aborted' }]);
});

test('a template ends with its last item, and fails when one did not succeed', () => {
  const barrier = { itemsTotal: 3, tolerated: 0 };

  expect(judgeBarrier({ ...barrier, remaining: 1, itemsFailed: 1 })).toEqual({ kind: 'open' });
  expect(judgeBarrier({ ...barrier, remaining: 0, itemsFailed: 0 })).toEqual({ kind: 'succeeded', note: null });
  expect(judgeBarrier({ ...barrier, remaining: 0, itemsFailed: 1 })).toEqual({
    kind: 'failed',
    reason: '1 of 3 items did not succeed',
  });
});

test('a template tolerates as many failed items as it says, as a number or as a share of its list', () => {
  const barrier = { itemsTotal: 40, remaining: 0 };
  const count = toleratedOf({ tolerance: { kind: 'count', count: 2 } }, 40);
  const percent = toleratedOf({ tolerance: { kind: 'percent', percent: 7 } }, 40);

  expect([count, percent, toleratedOf({}, 40)]).toEqual([2, 2, 0]);
  expect(judgeBarrier({ ...barrier, itemsFailed: 2, tolerated: 2 })).toEqual({
    kind: 'succeeded',
    note: '2 of 40 items did not succeed, which is tolerated',
  });
  expect(judgeBarrier({ ...barrier, itemsFailed: 3, tolerated: 2 })).toEqual({
    kind: 'failed',
    reason: '3 of 40 items did not succeed; 2 are tolerated',
  });
});

test('a long list is made in a window that is refilled when half of it has ended', () => {
  const total = 100_000;

  expect(itemsToMaterialise({ total, nextIndex: 0, remaining: total })).toBe(WINDOW);
  expect(itemsToMaterialise({ total, nextIndex: WINDOW, remaining: total - 10 })).toBe(0);
  expect(itemsToMaterialise({ total, nextIndex: WINDOW, remaining: total - WINDOW / 2 })).toBe(WINDOW / 2);
  expect(itemsToMaterialise({ total: 600, nextIndex: 512, remaining: 300 })).toBe(88);
});
