/** Copies of the database and its log, taken while the controller stands still at random instants: each opens and resumes. */

import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { BatchSummaryView, SubmitView } from '../../src/contract/index.ts';
import { silentLog, systemClock } from '../../src/kernel/index.ts';
import { openStore } from '../../src/store/index.ts';
import { BrainHouse } from '../support/brain-house.ts';
import { openHouse } from '../support/house.ts';
import { planOf, writePlan } from '../support/plans.ts';
import { seededRandom } from '../support/seeded-random.ts';

const COPIES = 50;
const ITEMS = 600;

function manyTasks(): string {
  return planOf('many', [
    {
      id: 'list',
      command: `node -e 'require("fs").writeFileSync("items.json", JSON.stringify({items: Array.from({length: ${ITEMS}}, (_, id) => ({id}))}))'`,
    },
    { id: 'step', foreach: '{BATCH_PATH}/items.json:items', command: 'sleep 0.01', dependsOn: 'list' },
    { id: 'end', command: 'true', dependsOn: 'step' },
  ]);
}

test(`${COPIES} copies of the store at random instants open, and their batch resumes to its end`, async () => {
  await using house = await openHouse();
  const { batch_id: id } = await house.json<SubmitView>('submit', writePlan(house.home, manyTasks()));
  const random = seededRandom(11);
  const copies: string[] = [];
  for (let index = 0; index < COPIES; index++) {
    await new Promise((next) => setTimeout(next, random() * 100));
    copies.push(copyStore(house.home, house.pidOf('controller'), index));
  }
  expect(await house.drover('batch', 'kill', id)).toMatchObject({ code: 0 });

  const states = [];
  for (const copy of copies) states.push(await resume(copy, id));

  expect(states.map(({ status }) => status)).toEqual(copies.map(() => 'succeeded'));
  expect(new Set(states.map(({ tasks }) => `${tasks.total} ${tasks.succeeded}`))).toEqual(
    new Set([`${ITEMS + 2} ${ITEMS + 2}`]),
  );
}, 400_000);

/** As a crash of the machine would leave it: both files at one instant. */
function copyStore(home: string, controller: number, index: number): string {
  const folder = join(home, `copy-${index}`);
  mkdirSync(folder);
  process.kill(controller, 'SIGSTOP');
  try {
    for (const name of ['store.db', 'store.db-wal']) {
      if (existsSync(join(home, name))) copyFileSync(join(home, name), join(folder, name));
    }
  } finally {
    process.kill(controller, 'SIGCONT');
  }
  return join(folder, 'store.db');
}

/** A brain of its own over the copy, with an agent that does everything at once. */
async function resume(path: string, id: string): Promise<BatchSummaryView> {
  await using store = await opened(path);
  await using house = await BrainHouse.open({ store: store.store });
  // Its real agent never comes back: what it held is free once its lease has run out.
  for (const host of await hostsOf(store.store)) await house.brain.onAgentLost(host);
  await house.ended(id);
  return house.brain.showBatch(id).then(({ counts, tasks: _tasks, ...view }) => ({ ...view, tasks: counts }));
}

async function opened(path: string) {
  const store = await openStore({ url: `sqlite:${path}`, log: silentLog, clock: systemClock });
  return { store, [Symbol.asyncDispose]: () => store.close() };
}

async function hostsOf(store: Awaited<ReturnType<typeof openStore>>): Promise<string[]> {
  const rows = await store.read((db) => db.selectFrom('agent').select('host').execute());
  return rows.map(({ host }) => host);
}
