/** Whether a turn of a session may begin, and how much it may use. Pure. */

import { AppError } from '../../contract/errors.ts';
import type { SessionRecord } from '../../store/index.ts';

type BudgetVerdict =
  | {
      readonly kind: 'within';
      /** The most that it may generate; null: as much as it likes. */
      readonly maxTokens: number | null;
      /** Held back for it until it ends. */
      readonly reservedTokens: number;
    }
  | { readonly kind: 'over'; readonly error: AppError };

/** Null: without a limit. */
interface Remaining {
  readonly tokens: number | null;
  readonly ms: number | null;
}

export function remainingOf(session: SessionRecord): Remaining {
  const { budgetTokens, budgetMs, tokensUsed, msUsed, reservedTokens } = session;
  return {
    tokens: budgetTokens === null ? null : Math.max(0, budgetTokens - tokensUsed - reservedTokens),
    ms: budgetMs === null ? null : Math.max(0, budgetMs - msUsed),
  };
}

/** What a turn asks for: tokens of its prompt by estimate, and its limit of generated ones; null: it names none. */
interface TurnAsk {
  readonly promptTokens: number;
  readonly maxTokens: number | null;
}

/** A turn may not ask for more than is left; one that names no limit gets what is left. */
export function checkBudget(session: SessionRecord, { promptTokens, maxTokens }: TurnAsk): BudgetVerdict {
  const left = remainingOf(session);
  if (left.ms !== null && left.ms <= 0) return { kind: 'over', error: over(session, 'seconds', left) };
  if (left.tokens === null) return { kind: 'within', maxTokens, reservedTokens: promptTokens + (maxTokens ?? 0) };
  const room = left.tokens - promptTokens;
  if (room < (maxTokens ?? 1)) return { kind: 'over', error: over(session, 'tokens', left) };
  return { kind: 'within', maxTokens: maxTokens ?? room, reservedTokens: promptTokens + (maxTokens ?? room) };
}

function over({ id }: SessionRecord, what: 'tokens' | 'seconds', left: Remaining): AppError {
  const amount = what === 'tokens' ? `${left.tokens ?? 0} tokens` : 'no time';
  return new AppError(
    'BUDGET_EXCEEDED',
    `the budget of session "${id}" has ${amount} left, and the task asks for more`,
    {
      hint: 'ask for less, or raise it: PUT /v2/sessions/ID',
      detail: { session_id: id, budget: what, tokens_remaining: left.tokens, ms_remaining: left.ms },
    },
  );
}
