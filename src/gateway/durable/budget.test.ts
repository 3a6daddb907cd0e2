import { expect, test } from 'vitest';

import type { SessionRecord } from '../../store/index.ts';
import { checkBudget, remainingOf } from './budget.ts';

const session: SessionRecord = {
  owner: 'key:a',
  id: 's1',
  turns: 2,
  tokensUsed: 60,
  msUsed: 1_500,
  budgetTokens: 100,
  budgetMs: 2_000,
  createdAt: 1,
  lastUsedAt: 2,
  openTurns: 1,
  reservedTokens: 10,
};

test('what is left is less what was used and what open turns may use', () => {
  expect(remainingOf(session)).toEqual({ tokens: 30, ms: 500 });
  expect(remainingOf({ ...session, tokensUsed: 500, budgetMs: null })).toEqual({ tokens: 0, ms: null });
});

test('a turn that names no limit gets what is left beside its prompt', () => {
  expect(checkBudget(session, { promptTokens: 5, maxTokens: null })).toEqual({
    kind: 'within',
    maxTokens: 25,
    reservedTokens: 30,
  });
});

test('a turn that asks for more than is left is refused with how much that is', () => {
  const verdict = checkBudget(session, { promptTokens: 5, maxTokens: 26 });

  expect(verdict).toMatchObject({
    kind: 'over',
    error: { code: 'BUDGET_EXCEEDED', detail: { budget: 'tokens', tokens_remaining: 30 } },
  });
});

test('where the time is used up nothing begins', () => {
  const verdict = checkBudget({ ...session, msUsed: 2_000 }, { promptTokens: 1, maxTokens: 1 });

  expect(verdict).toMatchObject({ kind: 'over', error: { detail: { budget: 'seconds', ms_remaining: 0 } } });
});

test('without a budget a turn asks for what it likes', () => {
  const free = { ...session, budgetTokens: null, budgetMs: null };

  expect(checkBudget(free, { promptTokens: 5, maxTokens: null })).toMatchObject({ kind: 'within', maxTokens: null });
});
