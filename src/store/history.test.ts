/** What the store holds of the past must cost the present nothing: the statements of a release, explained by both databases. */

import { sql } from 'kysely';
import type { CompiledQuery, QueryResult } from 'kysely';
import { CompiledQuery as Query } from 'kysely';
import { expect, test } from 'vitest';

import { describeStore } from '../../test/support/describe-store.ts';
import { endAttempt, startAttempt } from './batches/attempts.ts';
import type { Db } from './schema.ts';
import type { Tx } from './store.ts';
import { pageOfTasks } from './batches/task-pages.ts';
import { edgesToWaiting, hasOpenTasks, leaseTasks, moveTask, releaseTasks } from './batches/tasks.ts';
import { countEndedItems } from './batches/templates.ts';

const NOTHING = null;
const END = {
  result: 'succeeded',
  device: NOTHING,
  startedAt: NOTHING,
  endedAt: 1,
  exitCode: 0,
  signal: NOTHING,
  class: NOTHING,
  reason: NOTHING,
  tail: NOTHING,
  peakMemoryBytes: NOTHING,
  tokensIn: NOTHING,
  tokensOut: NOTHING,
} as const;

const CHANGE = {
  state: 'succeeded',
  attempt: 1,
  failures: 0,
  free_attempts: 0,
  memory_bytes: 0,
  ready_at: NOTHING,
  agent: NOTHING,
  agent_epoch: NOTHING,
  device: NOTHING,
  pid: NOTHING,
  started_at: NOTHING,
  ended_at: 1,
  exit_code: 0,
  reason: NOTHING,
} as const;

/** All that a turn asks when a task ends and others are released. */
async function askAll(tx: Tx): Promise<void> {
  await moveTask(tx, { id: 1, state: 'running', attempt: 1, epoch: 1 }, CHANGE as Parameters<typeof moveTask>[2]);
  await startAttempt(tx, 1, 1, { device: 'cpu', pid: 1, at: 1 });
  await endAttempt(tx, 1, 1, END as Parameters<typeof endAttempt>[3]);
  await edgesToWaiting(tx, [1, 2]);
  await releaseTasks(tx, [1, 2]);
  await leaseTasks(tx, [1, 2], { agent: 'here', epoch: 1 });
  await countEndedItems(tx, 'b', 't', { items: 1, failed: 0, skipped: 0 });
  await hasOpenTasks(tx.db, 'b');
}

describeStore('the store', (open) => {
  test('acceptance 19: nothing that a release asks for looks through the tasks that have ended', async () => {
    const store = await open();

    const plans = await store.write(async (tx) => {
      const asked: CompiledQuery[] = [];
      await askAll({ ...tx, db: listening(tx.db, asked) });
      // Its tables are empty here, where PostgreSQL would rather look at all of them.
      if (tx.dialect === 'postgres') await sql`set local enable_seqscan = off`.execute(tx.db);
      return Promise.all(asked.map((query) => explain(tx, query)));
    });

    expect(plans.length).toBe(8);
    expect(plans.filter((plan) => /(?:\bSCAN|Seq Scan on) (?:task|edge|attempt)\b(?! USING)/.test(plan))).toEqual([]);
  });

  test('a page of the tasks of a large batch is read in its order, and never sorted', async () => {
    const store = await open();

    const [plan] = await store.write(async (tx) => {
      const asked: CompiledQuery[] = [];
      await pageOfTasks(listeningToBuilders(tx.db, asked), 'b', { after: 5, limit: 100 });
      if (tx.dialect === 'postgres') await sql`set local enable_seqscan = off`.execute(tx.db);
      return Promise.all(asked.map((query) => explain(tx, query)));
    });

    expect(plan).toContain('task_batch_order');
    expect(plan).not.toMatch(/temp b-tree|sort/i);
  });
});

/** The same database; what is built with it, not written as SQL, is noted. */
function listeningToBuilders(db: Db, asked: CompiledQuery[]): Db {
  return db.withPlugin({
    transformQuery({ node, queryId }) {
      asked.push(db.getExecutor().compileQuery(node, queryId));
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  });
}

/** The same database; what goes through it is noted. */
function listening(db: Db, asked: CompiledQuery[]): Db {
  const note = (query: CompiledQuery): CompiledQuery => {
    asked.push(query);
    return query;
  };
  return new Proxy(db, {
    get(target, name) {
      if (name === 'executeQuery') return (query: CompiledQuery) => target.executeQuery(note(query));
      if (name === 'getExecutor') return () => noting(target.getExecutor(), note);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

type Executor = ReturnType<Db['getExecutor']>;

function noting(executor: Executor, note: (query: CompiledQuery) => CompiledQuery): Executor {
  return new Proxy(executor, {
    get(target, name) {
      if (name === 'executeQuery')
        return (query: CompiledQuery): Promise<QueryResult<unknown>> => target.executeQuery(note(query));
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

async function explain(tx: Tx, query: CompiledQuery): Promise<string> {
  const word = tx.dialect === 'sqlite' ? 'explain query plan' : 'explain';
  const { rows } = await tx.db.executeQuery(Query.raw(`${word} ${query.sql}`, [...query.parameters]));
  return `${rows.map((row) => Object.values(row as object).join(' ')).join('\n')}`;
}
