import { expect, test } from 'vitest';

import { describeStore } from '../../../test/support/describe-store.ts';
import {
  answerTask,
  attemptsOfTask,
  cancelUnheldTasks,
  countEndedItems,
  countTasks,
  listTrimmedRuns,
  edgesToWaiting,
  endAttempt,
  endBatch,
  endWaitingTasks,
  fenceAttempt,
  findBatch,
  hasOpenTasks,
  hasUndoneTasks,
  insertAttempts,
  insertBatch,
  insertEdges,
  insertTasks,
  leaseTasks,
  listTasks,
  loadChunk,
  loadMovable,
  moveTask,
  nextTaskId,
  releaseTasks,
  requestCancel,
  keepChunks,
  saveManifest,
  savePlanVersion,
  scoreAttempt,
  setNextIndex,
  startBatch,
} from '../index.ts';
import type { NewBatch, NewTask, Store, TaskChange, Tx } from '../index.ts';

const BATCH: NewBatch = {
  id: 'b1',
  plan: { name: 'test', digest: 'd1', path: '/plan' },
  path: '/plan/history/b1',
  priority: 50,
  config: { N: 3 },
  env: { PATH: '/bin' },
  idempotencyKey: null,
};

function task(id: number, change: Partial<NewTask> = {}): NewTask {
  return {
    id,
    batchId: 'b1',
    name: `t${id}`,
    kind: 'task',
    template: null,
    itemKey: null,
    itemIndex: null,
    item: null,
    type: 'shell',
    class: 'cpu',
    pending: 0,
    priority: 5,
    memoryBytes: 0,
    ...change,
  };
}

async function withBatch(store: Store, tasks: readonly NewTask[] = []): Promise<void> {
  await store.write(async (tx) => {
    await savePlanVersion(tx, { digest: 'd1', name: 'test', compiled: '{}' });
    await insertBatch(tx, BATCH);
    await insertTasks(tx, tasks);
  });
}

const STARTED: TaskChange = {
  state: 'running',
  attempt: 1,
  failures: 0,
  free_attempts: 0,
  memory_bytes: 0,
  ready_at: null,
  agent: 'here',
  agent_epoch: 1,
  device: 'cpu',
  pid: 42,
  started_at: 5,
  ended_at: null,
  exit_code: null,
  reason: null,
};

async function releaseAndLease(tx: Tx, ids: readonly number[]): Promise<number[]> {
  await releaseTasks(tx, ids);
  return leaseTasks(tx, ids, { agent: 'here', epoch: 1 });
}

describeStore('tasks', (open) => {
  test('a change applies to the row that it was decided on, and to no other', async () => {
    const store = await open();
    await withBatch(store, [task(1)]);
    await store.write((tx) => releaseAndLease(tx, [1]));
    const leased = { id: 1, state: 'leased', attempt: 1, epoch: 1 } as const;

    const stale = await store.write((tx) => moveTask(tx, { ...leased, epoch: 2 }, STARTED));
    const other = await store.write((tx) => moveTask(tx, { ...leased, attempt: 2 }, STARTED));
    const current = await store.write((tx) => moveTask(tx, leased, STARTED));

    expect([stale, other, current]).toEqual([false, false, true]);
    expect(await store.read((db) => listTasks(db, 'b1'))).toMatchObject([{ state: 'running', pid: 42 }]);
  });

  test('only ready tasks are leased, and a second lease gets none of them', async () => {
    const store = await open();
    await withBatch(store, [task(1), task(2)]);

    const first = await store.write((tx) => releaseAndLease(tx, [1]));
    const second = await store.write((tx) => leaseTasks(tx, [1, 2], { agent: 'there', epoch: 9 }));

    expect(first).toEqual([1]);
    expect(second).toEqual([]);
  });

  test('an answer stays on its task, a score on its attempt', async () => {
    const store = await open();
    await withBatch(store, [task(1, { type: 'decide' })]);
    await store.write(async (tx) => {
      await releaseAndLease(tx, [1]);
      await insertAttempts(tx, [{ taskId: 1, no: 1, agent: 'here', epoch: 1, dir: '/d' }]);
      await answerTask(tx, 1, 'yes');
      await scoreAttempt(tx, 1, 1, { score: 4, reason: 'short and right' });
    });

    const tasks = await store.read((db) => listTasks(db, 'b1'));
    const attempts = await store.read((db) => attemptsOfTask(db, 1));

    expect(tasks).toMatchObject([{ answer: 'yes', state: 'leased' }]);
    expect(attempts).toMatchObject([{ score: 4, score_reason: 'short and right' }]);
  });

  test('a release of tasks that no longer wait does nothing', async () => {
    const store = await open();
    await withBatch(store, [task(1), task(2)]);
    await store.write((tx) => endWaitingTasks(tx, [1], 'aborted', 't0 failed'));

    const released = await store.write((tx) => releaseTasks(tx, [1, 2]));

    expect(released.map(({ id, state }) => [id, state])).toEqual([[2, 'ready']]);
  });

  test('only edges to children that wait are told', async () => {
    const store = await open();
    await withBatch(store, [task(1), task(2, { pending: 1 }), task(3, { pending: 1 })]);
    await store.write(async (tx) => {
      await insertEdges(tx, [
        { parent: 1, child: 2, condition: 'success' },
        { parent: 1, child: 3, condition: 'done' },
      ]);
      await endWaitingTasks(tx, [2], 'skipped', 'why not');
    });

    const edges = await store.write((tx) => edgesToWaiting(tx, [1]));

    expect(edges).toEqual([{ parent: 1, child: 3, condition: 'done', child_pending: 1 }]);
  });

  test('what can move is found, whatever has ended', async () => {
    const store = await open();
    await withBatch(store, [task(1), task(2), task(3), task(4)]);
    await store.write(async (tx) => {
      await releaseAndLease(tx, [1]);
      await releaseTasks(tx, [2]);
      await endWaitingTasks(tx, [3], 'aborted', 'x');
    });

    const movable = await store.read((db) => loadMovable(db));

    expect(movable.map(({ id }) => id).toSorted()).toEqual([1, 2]);
    expect(await store.read((db) => hasOpenTasks(db, 'b1'))).toBe(true);
    expect(await store.read((db) => hasUndoneTasks(db, 'b1'))).toBe(true);
    expect(await store.read(nextTaskId)).toBe(5);
  });

  test('a template counts its items until the last', async () => {
    const store = await open();
    await withBatch(store, [task(1, { name: 'each', kind: 'template' })]);
    await store.write(async (tx) => {
      await releaseAndLease(tx, [1]);
      await moveTask(tx, { id: 1, state: 'leased', attempt: 1, epoch: 1 }, STARTED);
      await saveManifest(
        tx,
        1,
        [
          { first: 0, items: '["a","b"]' },
          { first: 2, items: '["c"]' },
        ],
        3,
      );
      await setNextIndex(tx, 1, 2);
    });

    const after = await store.write((tx) => countEndedItems(tx, 'b1', 'each', { items: 2, failed: 1, skipped: 0 }));

    expect(after).toMatchObject({ remaining: 1, items_total: 3, items_failed: 1, next_index: 2 });
    expect(await store.read((db) => loadChunk(db, 1, 1))).toEqual({ first: 0, items: '["a","b"]' });
    expect(await store.read((db) => loadChunk(db, 1, 2))).toEqual({ first: 2, items: '["c"]' });
    const counts = await store.read((db) => countTasks(db, ['b1']));
    expect(counts.get('b1')).toMatchObject({ total: 1, waiting: 1 });
  });

  test('the tasks of more batches are counted than a statement has parameters', async () => {
    const store = await open();
    await withBatch(store, [task(1, { name: 'a' })]);
    const ids = ['b1', ...Array.from({ length: 70_000 }, (_, index) => `other${index}`)];

    const counts = await store.read((db) => countTasks(db, ids));
    const trimmed = await store.read((db) => listTrimmedRuns(db, ids));

    expect(counts.get('b1')).toMatchObject({ total: 1, waiting: 1 });
    expect(counts.size).toBe(70_001);
    expect(trimmed).toEqual([]);
  });

  test('chunks are kept for the attempt that reads the list; another reading begins anew', async () => {
    const store = await open();
    await withBatch(store, [task(1, { name: 'each', kind: 'template' })]);
    await store.write((tx) => releaseAndLease(tx, [1]));
    const keep = (attempt: number, firsts: readonly number[]) =>
      store.write((tx) =>
        keepChunks(
          tx,
          { template: 1, attempt },
          firsts.map((first) => ({ first, items: `["${first}"]` })),
        ),
      );

    const kept = [await keep(1, [0, 2]), await keep(2, [4]), await keep(1, [4]), await keep(1, [0])];

    expect(kept).toEqual([true, false, true, true]);
    expect(await store.read((db) => loadChunk(db, 1, 9))).toEqual({ first: 0, items: '["0"]' });
    await store.write((tx) => saveManifest(tx, 1, [], 0));
    expect(await store.read((db) => loadChunk(db, 1, 9))).toBeNull();
  });

  test('a cancel takes what nobody holds', async () => {
    const store = await open();
    await withBatch(store, [task(1), task(2), task(3)]);
    await store.write(async (tx) => {
      await releaseAndLease(tx, [1]);
      await releaseTasks(tx, [2]);
    });

    const cancelled = await store.write((tx) => cancelUnheldTasks(tx, 'b1'));

    expect(cancelled.map(({ name }) => name).toSorted()).toEqual(['t2', 't3']);
    const counts = await store.read((db) => countTasks(db, ['b1']));
    expect(counts.get('b1')).toMatchObject({ total: 3, leased: 1, cancelled: 2 });
  });

  test('only an attempt that was given up is fenced, once', async () => {
    const store = await open();
    await withBatch(store, [task(1)]);
    await store.write((tx) => insertAttempts(tx, [{ taskId: 1, no: 1, agent: 'here', epoch: 1, dir: '/x' }]));

    const running = await store.write((tx) => fenceAttempt(tx, 1, 1));
    await store.write((tx) =>
      endAttempt(tx, 1, 1, {
        result: 'lost',
        device: null,
        startedAt: null,
        endedAt: 9,
        exitCode: null,
        signal: null,
        class: 'infrastructure',
        reason: 'lost',
        tail: null,
        peakMemoryBytes: null,
        tokensIn: null,
        tokensOut: null,
      }),
    );
    const late = await store.write((tx) => fenceAttempt(tx, 1, 1));
    const again = await store.write((tx) => fenceAttempt(tx, 1, 1));

    expect([running, late, again]).toEqual([false, true, false]);
  });
});

describeStore('batches', (open) => {
  test('an id that is taken is told, and the batch that has it stays as it was', async () => {
    const store = await open();
    await withBatch(store);

    const again = await store.write((tx) => insertBatch(tx, { ...BATCH, priority: 99 }));

    expect(again).toEqual({ kind: 'taken' });
    expect(await store.read((db) => findBatch(db, 'b1'))).toMatchObject({ priority: 50 });
  });

  test('a key names its batch, and refuses other content', async () => {
    const store = await open();
    await withBatch(store);
    const keyed = { ...BATCH, id: 'b2', idempotencyKey: 'k' };
    await store.write((tx) => insertBatch(tx, keyed));

    const same = await store.write((tx) => insertBatch(tx, { ...keyed, id: 'b3' }));
    const other = store.write((tx) => insertBatch(tx, { ...keyed, id: 'b3', config: { N: 4 } }));

    expect(same).toEqual({ kind: 'exists', batchId: 'b2' });
    await expect(other).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  });

  test('a batch starts, is asked to stop and ends once each', async () => {
    const store = await open();
    await withBatch(store);
    const once = [
      (tx: Tx) => startBatch(tx, 'b1'),
      (tx: Tx) => requestCancel(tx, 'b1'),
      async (tx: Tx) => (await endBatch(tx, 'b1', 'cancelled')) !== null,
    ];

    const first = await Promise.all(once.map((change) => store.write(change)));
    const second = await Promise.all(once.map((change) => store.write(change)));

    expect(first).toEqual([true, true, true]);
    expect(second).toEqual([false, false, false]);
  });
});
