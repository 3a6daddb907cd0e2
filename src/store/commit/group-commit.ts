/**
 * One commit for many writes. Writes queue; a group is what waits when a transaction has begun. Its members run one
 * after the other, each under a savepoint, and one flush to disk serves them all. Knows no table but `fact`.
 */

import { AppError } from '../../contract/index.ts';
import type { Fact } from '../../contract/index.ts';
import type { Clock } from '../../kernel/index.ts';
import type { Connections } from './connections.ts';
import { asStoreFailure, storeFailure } from './failure.ts';
import { factQueries, numberFacts } from '../facts.ts';
import { queueWrite } from './queued-write.ts';
import type { PendingFact, QueuedWrite } from './queued-write.ts';
import type { Store } from '../store.ts';

/** Bounds how long the first write of a group waits for the last. */
const MAX_GROUP = 256;

interface GroupCommit {
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
    try {
      await writer.begin();
    } catch (error) {
      failAll(queue.splice(0), error);
      return;
    }
    const group = queue.splice(0, MAX_GROUP);
    try {
      await commitGroup(group);
    } catch (error) {
      failAll(group, error);
      await writer.rollback();
    }
  }

  async function commitGroup(group: readonly QueuedWrite[]): Promise<void> {
    const runOne = group.length === 1 ? runAlone : runUnderSavepoint;
    const done: QueuedWrite[] = [];
    const pending: PendingFact[] = [];
    for (const member of group) {
      const recorded = await runOne(member);
      if (recorded === null) continue;
      done.push(member);
      pending.push(...recorded);
    }
    if (done.length === 0) return writer.rollback();
    const answers = await writer.commit(factQueries(dialect, pending));
    numberFacts(pending, answers).forEach(publish);
    for (const member of done) member.succeed();
  }

  /** Answers null for a write that failed; the caller rolls the transaction back, as no other member is in it. */
  async function runAlone(member: QueuedWrite): Promise<readonly PendingFact[] | null> {
    try {
      return await member.run({ db: writer.db, dialect, now: clock.now() });
    } catch (error) {
      member.fail(asStoreFailure(error, place));
      return null;
    }
  }

  /** Answers null for a write that failed and was undone; rejects when the transaction is lost. */
  async function runUnderSavepoint(member: QueuedWrite): Promise<readonly PendingFact[] | null> {
    await writer.savepoint();
    try {
      const facts = await member.run({ db: writer.db, dialect, now: clock.now() });
      await writer.release();
      return facts;
    } catch (error) {
      member.fail(asStoreFailure(error, place));
      await writer.undo();
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
