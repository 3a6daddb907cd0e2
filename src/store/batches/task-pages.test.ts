import { expect, test } from 'vitest';

import { describeStore } from '../../../test/support/describe-store.ts';
import {
  countTasks,
  insertBatch,
  insertTasks,
  pageOfTasks,
  releaseTasks,
  saveManifest,
  savePlanVersion,
} from '../index.ts';
import type { NewTask, Store } from '../index.ts';

function task(id: number, change: Partial<NewTask> = {}): NewTask {
  const whole = { template: null, itemKey: null, itemIndex: null, item: null, kind: 'task', type: 'shell' } as const;
  return {
    id,
    batchId: 'b1',
    name: `t${id}`,
    ...whole,
    class: 'cpu',
    pending: 1,
    priority: 5,
    memoryBytes: 0,
    ...change,
  };
}

async function withBatch(store: Store, id: string, tasks: readonly NewTask[]): Promise<void> {
  await store.write(async (tx) => {
    await savePlanVersion(tx, { digest: 'd1', name: 'test', compiled: '{}' });
    const plan = { name: 'test', digest: 'd1', path: '/plan' };
    await insertBatch(tx, { id, plan, path: `/plan/${id}`, priority: 50, config: {}, env: {}, idempotencyKey: null });
    await insertTasks(tx, tasks);
  });
}

describeStore('pages of tasks', (open) => {
  test('go on behind a row, in the order of the plan, without those of others', async () => {
    const store = await open();
    await withBatch(store, 'b1', [task(1), task(3), task(5)]);
    await withBatch(store, 'b2', [task(4, { batchId: 'b2' })]);
    const page = (after?: number) => store.read((db) => pageOfTasks(db, 'b1', { after, limit: 2 }));

    expect((await page()).map(({ name }) => name)).toEqual(['t1', 't3']);
    expect((await page(3)).map(({ name }) => name)).toEqual(['t5']);
    expect(await page(5)).toEqual([]);
  });

  test('hold a template while it has no items, as its counts do, so that one whose list is missing is found', async () => {
    const store = await open();
    await withBatch(store, 'b1', [task(1), task(2, { kind: 'template' }), task(3, { kind: 'template' })]);
    await store.write(async (tx) => {
      await saveManifest(tx, 2, [{ first: 0, items: '["a","b"]' }], 2);
      await releaseTasks(tx, [3]);
    });

    const names = (await store.read((db) => pageOfTasks(db, 'b1', {}))).map(({ name }) => name);
    const counts = await store.read((db) => countTasks(db, ['b1']));

    expect(names).toEqual(['t1', 't3']);
    expect(counts.get('b1')).toMatchObject({ total: 4, waiting: 3, ready: 1 });
  });

  test('hold only the states and classes that are asked for', async () => {
    const store = await open();
    await withBatch(store, 'b1', [task(1), task(2, { class: 'llm' }), task(3)]);
    await store.write((tx) => releaseTasks(tx, [1, 2]));
    const names = async (page: Parameters<typeof pageOfTasks>[2]) =>
      (await store.read((db) => pageOfTasks(db, 'b1', page))).map(({ name }) => name);

    expect(await names({ states: ['ready'] })).toEqual(['t1', 't2']);
    expect(await names({ states: ['ready', 'waiting'], classes: ['cpu'] })).toEqual(['t1', 't3']);
    expect(await names({ limit: 0 })).toEqual([]);
  });
});
