/** Sessions of the native task API: what they have used and may use. Made by the first task or budget that names them. */

import { AppError } from '../../contract/errors.ts';
import type { Clock } from '../../kernel/index.ts';
import { listSessions, openSession, removeSession, setSessionBudget } from '../../store/index.ts';
import type { SessionBudget, SessionName, SessionRecord, Store } from '../../store/index.ts';

/** After so long without use a session is gone. */
export const SESSION_IDLE_MS = 600_000;

export interface Sessions {
  /** Latest used first; `owner` null: of everybody. */
  list(owner: string | null): Promise<readonly SessionRecord[]>;
  /** Null when there is none of this id. */
  find(id: string, owner: string | null): Promise<SessionRecord | null>;
  setBudget(name: SessionName, budget: SessionBudget): Promise<SessionRecord>;
  /** Rejects with SESSION_NOT_FOUND. Turns that are open go on. */
  remove(id: string, owner: string | null): Promise<void>;
}

export function createSessions({ store, clock }: { readonly store: Store; readonly clock: Clock }): Sessions {
  const look = (filter: { readonly owner: string | null; readonly id?: string }): Promise<readonly SessionRecord[]> =>
    store.read((db) => listSessions(db, { ...filter, usedAfter: clock.now() - SESSION_IDLE_MS }));
  const find = async (id: string, owner: string | null): Promise<SessionRecord | null> =>
    (await look({ owner, id }))[0] ?? null;
  return {
    list: (owner) => look({ owner }),
    find,
    setBudget: (name, budget) =>
      store.write(async (tx) => {
        await openSession(tx, name, SESSION_IDLE_MS);
        await setSessionBudget(tx, name, budget);
        return openSession(tx, name, SESSION_IDLE_MS);
      }),
    async remove(id, owner) {
      const session = await find(id, owner);
      if (session === null) throw sessionNotFound(id);
      await store.write((tx) => removeSession(tx, session));
    },
  };
}

export function sessionNotFound(id: string): AppError {
  return new AppError('SESSION_NOT_FOUND', `there is no session "${id.slice(0, 200)}" of yours`, {
    hint: 'after ten minutes without use a session is gone; the next task that names it makes it',
  });
}
