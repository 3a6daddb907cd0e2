/**
 * One commit for many writes. Writes queue; a group is what waits when a transaction has begun. Its members run one
 * after the other, each under a savepoint, and one flush to disk serves them all. Knows no table but `fact`.
 */

import type { ControlledTransaction } from 'kysely';

import { AppError } from '../contract/index.ts';
import type { Fact } from '../contract/index.ts';
import type { Clock } from '../kernel/index.ts';
import type { Connections } from './connections.ts';
import { asStoreFailure, storeFailure } from './failure.ts';
import { appendFacts } from './facts.ts';
import { queueWrite } from './queued-write.ts';
import type { PendingFact, QueuedWrite } from './queued-write.ts';
import type { Schema } from './schema.ts';
import type { Store } from './store.ts';

/** Bounds how long the first write of a group waits for the last. */
const MAX_GROUP = 256;

type Transaction = ControlledTransaction<Schema>;

export interface GroupCommit {
  readonly write: Store['write'];
  /** Refuses new writes and resolves when the accepted ones have settled. */
  close(): Promise<void>;
}

export function createGroupCommit(connections: Connections, clock: Clock, publish: (fact: Fact) => void): GroupCommit {
  const { dialect, place, writer } = connections;
  const queue: QueuedWrite[] = [];
  let pump: Promise<void> | null = null;
  let closed = false;

  async function drain(): Promise<void> {
    // Writes asked for in the same turn join the first group.
    await Promise.resolve();
    while (queue.length > 0) await commitNextGroup();
    pump = null;
  }

  async function commitNextGroup(): Promise<void> {
    let transaction: Transaction;
    try {
      transaction = await writer.startTransaction().execute();
    } catch (error) {
      failAll(queue.splice(0), error);
      return;
    }
    const group = queue.splice(0, MAX_GROUP);
    try {
      await commitGroup(transaction, group);
    } catch (error) {
      failAll(group, error);
      // The transaction is gone with its connection, or ended by the database itself: nothing is left to undo.
      await transaction
        .rollback()
        .execute()
        .catch(() => {});
    }
  }

  async function commitGroup(transaction: Transaction, group: readonly QueuedWrite[]): Promise<void> {
    const runOne = group.length === 1 ? runAlone : runUnderSavepoint;
    const done: QueuedWrite[] = [];
    const pending: PendingFact[] = [];
    for (const member of group) {
      const recorded = await runOne(transaction, member);
      if (recorded === null) continue;
      done.push(member);
      pending.push(...recorded);
    }
    if (done.length === 0) return void (await transaction.rollback().execute());
    const facts = await appendFacts(transaction, pending);
    await transaction.commit().execute();
    facts.forEach(publish);
    for (const member of done) member.succeed();
  }

  /** Answers null for a write that failed; the caller rolls the transaction back, as no other member is in it. */
  async function runAlone(transaction: Transaction, member: QueuedWrite): Promise<readonly PendingFact[] | null> {
    try {
      return await member.run({ db: transaction, dialect, now: clock.now() });
    } catch (error) {
      member.fail(asStoreFailure(error, place));
      return null;
    }
  }

  /** Answers null for a write that failed and was undone; rejects when the transaction is lost. */
  async function runUnderSavepoint(
    transaction: Transaction,
    member: QueuedWrite,
  ): Promise<readonly PendingFact[] | null> {
    const nested = await transaction.savepoint('member').execute();
    try {
      const facts = await member.run({ db: nested, dialect, now: clock.now() });
      await nested.releaseSavepoint('member').execute();
      return facts;
    } catch (error) {
      member.fail(asStoreFailure(error, place));
      await nested.rollbackToSavepoint('member').execute();
      await nested.releaseSavepoint('member').execute();
      return null;
    }
  }

  function failAll(members: readonly QueuedWrite[], error: unknown): void {
    const failure = storeFailure(error, place);
    for (const member of members) member.fail(failure);
  }

  return {
    write(fn) {
      if (closed) return Promise.reject(new AppError('STORE_FAILED', `${place} has been closed`));
      return new Promise((resolve, reject) => {
        queue.push(queueWrite(fn, resolve, reject));
        pump ??= drain();
      });
    },
    async close() {
      closed = true;
      await pump;
    },
  };
}
