/**
 * A hundred thousand finished tasks in the store: how long the next release takes, in a chain of ten, beside the same in
 * a store with none. Run: `npm run bench -- plans/history [--tasks 100000] [--rounds 5]`.
 */

import { join } from 'node:path';

import { silentLog, systemClock } from '../../src/kernel/index.ts';
import { insertBatch, insertTasks, openStore, savePlanRun, savePlanVersion } from '../../src/store/index.ts';
import { median, numberFrom, printTable, roundsFrom } from '../support.ts';
import { warmDrover } from './drover.ts';
import type { WarmDrover } from './drover.ts';

const HOPS = 10;
const tasks = numberFrom(process.argv, '--tasks', 100_000);

await using full = await warmDrover();
await using empty = await warmDrover();
await full.house.drover('daemon', 'stop');
const past = Array.from({ length: 10 }, (_, at) => `20200101_00000${at}_aaaaaa`);
const folderOf = (id: string): string => join(full.house.home, 'past', id);
await fill(join(full.house.home, 'store.db'));
await full.house.drover('daemon', 'start');

const times = { empty: [] as number[], full: [] as number[] };
await hopOf(empty);
await hopOf(full);
for (let round = 0; round < roundsFrom(process.argv); round++) {
  times.empty.push(await hopOf(empty));
  times.full.push(await hopOf(full));
}
printTable('ms of a release (a hop of a chain), median', [
  { store: 'empty', ms: median(times.empty) },
  { store: `${tasks} finished tasks`, ms: median(times.full) },
  { store: 'full / empty', ms: median(times.full) / median(times.empty) },
]);

async function hopOf(drover: WarmDrover): Promise<number> {
  const folder = drover.plan(
    Array.from({ length: HOPS }, (_, hop) => ({
      id: `hop${hop}`,
      command: 'true',
      dependsOn: hop === 0 ? 'none' : `hop${hop - 1}`,
    })),
  );
  const started = performance.now();
  await drover.run(folder);
  return (performance.now() - started) / HOPS;
}

/** Ten batches that have ended. */
async function fill(path: string): Promise<void> {
  await using store = await openStore({ url: `sqlite:${path}`, log: silentLog, clock: systemClock });
  const perBatch = tasks / past.length;
  for (const [batch, id] of past.entries()) {
    await store.write(async (tx) => {
      await savePlanVersion(tx, { digest: `d${batch}`, name: 'past', compiled: '{"nodes":[]}' });
      const plan = { name: 'past', digest: `d${batch}`, path: full.house.home };
      const more = { path: folderOf(id), priority: 50, config: {}, env: {}, idempotencyKey: null };
      await insertBatch(tx, { id, plan, ...more });
      await insertTasks(
        tx,
        Array.from({ length: perBatch }, (_, at) => ({
          id: batch * perBatch + at + 1,
          batchId: id,
          name: `t${at}`,
          kind: 'task' as const,
          template: null,
          itemKey: null,
          itemIndex: null,
          item: null,
          type: 'shell' as const,
          class: 'cpu' as const,
          pending: 0,
          priority: 5,
          memoryBytes: 0,
        })),
      );
      const run = { plan: 'past', folder: 'past', planPath: full.house.home, createdAt: tx.now, endedAt: tx.now };
      // As told already: else the controller's first work is to write their summaries.
      await savePlanRun(tx, { ...run, batchId: id, status: 'succeeded', summary: '{}' });
      await tx.db
        .updateTable('task')
        .set({ state: 'succeeded', ended_at: tx.now })
        .where('batch_id', '=', id)
        .execute();
      await tx.db.updateTable('batch').set({ status: 'succeeded', ended_at: tx.now }).where('id', '=', id).execute();
    });
  }
}
