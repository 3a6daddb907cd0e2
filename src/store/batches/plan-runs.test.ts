import { expect, test } from 'vitest';

import { describeStore } from '../../../test/support/describe-store.ts';
import { endBatch, insertBatch, savePlanVersion } from './batches.ts';
import { listPlanRuns, listRunsToTrim, listUnsweptRuns, listUntoldRuns, markSwept, markTrimmed, removeTasks, savePlanRun } from './plan-runs.ts'; // prettier-ignore
import type { Store } from '../store.ts';

async function addBatch(store: Store, id: string, path = '/plans/a'): Promise<void> {
  await store.write(async (tx) => {
    await savePlanVersion(tx, { digest: 'd', name: 'A', compiled: '{}' });
    await insertBatch(tx, {
      id,
      plan: { name: 'A', digest: 'd', path },
      path: `${path}/history/${id}`,
      priority: 50,
      config: {},
      env: {},
      idempotencyKey: null,
    });
  });
}

async function endRun(store: Store, batchId: string, createdAt: number, planPath = '/plans/a'): Promise<void> {
  await store.write((tx) => endBatch(tx, batchId, 'succeeded'));
  const status = 'succeeded';
  const run = {
    batchId,
    plan: 'A',
    folder: 'a',
    planPath,
    status,
    createdAt,
    endedAt: Number.MAX_SAFE_INTEGER,
    summary: '{}',
  } as const;
  await store.write((tx) => savePlanRun(tx, run));
}

describeStore('runs of plans', (open) => {
  test('are found by the name of the plan and by that of its folder, the newest first', async () => {
    const store = await open();
    for (const id of ['b1', 'b2']) await addBatch(store, id);
    await endRun(store, 'b1', 1);
    await endRun(store, 'b2', 2);

    const ids = async (name: string) =>
      (await store.read((db) => listPlanRuns(db, name, 10))).map((run) => run.batch_id);

    expect(await ids('A')).toEqual(['b2', 'b1']);
    expect(await ids('a')).toEqual(['b2', 'b1']);
    expect(await ids('b')).toEqual([]);
  });

  test('that ended untold are told of, also when they ended a second time', async () => {
    const store = await open();
    for (const id of ['b1', 'b2', 'b3']) await addBatch(store, id);
    await endRun(store, 'b1', 1);
    await store.write((tx) => endBatch(tx, 'b2', 'failed'));

    expect(await store.read((db) => listUntoldRuns(db, 10))).toEqual([{ id: 'b2' }]);
  });

  test('are trimmed per plan beyond the newest, but never one that runs', async () => {
    const store = await open();
    for (const id of ['b1', 'b2', 'b3']) await addBatch(store, id);
    await addBatch(store, 'c1', '/plans/c');
    for (const [at, id] of ['b1', 'b2', 'b3'].entries()) await endRun(store, id, at);
    await endRun(store, 'c1', 0, '/plans/c');
    await store.write(async (tx) => {
      await tx.db.updateTable('batch').set({ status: 'running', ended_at: null }).where('id', '=', 'b1').execute();
    });

    expect(await store.read((db) => listRunsToTrim(db, 1, 10))).toEqual([{ batch_id: 'b1' }, { batch_id: 'b2' }]);
    expect(await store.write((tx) => markTrimmed(tx, 'b1'))).toBe(false);
    expect(await store.write((tx) => markTrimmed(tx, 'b2'))).toBe(true);
    expect(await store.write((tx) => markTrimmed(tx, 'b2'))).toBe(false);
    expect(await store.read(listUnsweptRuns)).toEqual([{ batch_id: 'b2' }]);
    expect(await store.write((tx) => removeTasks(tx, 'b2', 100))).toBe(0);
    await store.write((tx) => markSwept(tx, 'b2'));
    expect(await store.read(listUnsweptRuns)).toEqual([]);
  });
});
