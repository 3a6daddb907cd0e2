/** kill -9 of either daemon in the middle of a batch: it completes, nothing finished runs twice, the engine stays. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import type { BatchDetailView, InstanceView, SubmitView } from '../../src/contract/index.ts';
import { openHouse, until } from '../support/house.ts';
import type { House } from '../support/house.ts';
import { planOf, writePlan } from '../support/plans.ts';

const ITEMS = 40;

/** Each item appends one line to a log, the proof of how often it ran; all but the first wait for a file `go`. */
function slowPlan(): string {
  return planOf('slow', [
    {
      id: 'list',
      command: `node -e 'require("fs").writeFileSync("items.json", JSON.stringify({items: Array.from({length: ${ITEMS}}, (_, id) => ({id}))}))'`,
    },
    {
      id: 'step',
      foreach: '{BATCH_PATH}/items.json:items',
      command: 'echo {ITEM.id} >> runs.log; [ {ITEM.id} -lt 8 ] || until [ -e go ]; do sleep 0.1; done',
      dependsOn: 'list',
    },
    { id: 'end', command: 'sort -n runs.log | uniq | wc -l > count.txt', dependsOn: 'step' },
  ]);
}

describe.each(['controller', 'agent'] as const)('kill -9 of the %s in the middle of a batch', (daemon) => {
  test('the batch completes, no finished task runs twice, running ones are adopted, the engine keeps its pid', async () => {
    await using house = await openHouse();
    await house.drover('models', 'demo');
    await house.drover('init', 'alpha', '--profile', 'cpu', '-m', 'demo');
    expect(await house.drover('up', 'alpha')).toMatchObject({ code: 0 });
    const enginePid = await pidOfEngine(house);
    const { batch_id: batchId } = await house.json<SubmitView>('submit', writePlan(house.home, slowPlan()));
    const { path, tasks } = await until(
      () => house.json<BatchDetailView>('batch', 'show', batchId),
      (batch) => batch.counts.succeeded >= 6 && batch.counts.running > 0,
    );

    await house.kill(daemon);
    writeFileSync(join(path, 'go'), '');
    const ended = await until(
      () => house.json<BatchDetailView>('batch', 'show', batchId),
      (batch) => batch.status !== 'running',
    );

    expect(ended).toMatchObject({ status: 'succeeded', counts: { total: ITEMS + 2, succeeded: ITEMS + 2 } });
    // What an agent was only about to start is given to the next one as another attempt; each ran once all the same.
    const begun = new Set(tasks.filter(({ started_at: at }) => at !== null).map(({ id }) => id));
    expect(ended.tasks.filter(({ id, attempts }) => begun.has(id) && attempts !== 1)).toEqual([]);
    expect(runsPerItem(ended.path)).toEqual(Array.from({ length: ITEMS }, () => 1));
    expect(readFileSync(join(ended.path, 'count.txt'), 'utf8').trim()).toBe(String(ITEMS));
    expect(await pidOfEngine(house)).toBe(enginePid);
    expect(await house.drover('infer', '--model', 'alpha', '--prompt', 'hello', '--max-tokens', '8')).toMatchObject({
      code: 0,
    });
  });
});

function runsPerItem(batchPath: string): number[] {
  const lines = readFileSync(join(batchPath, 'runs.log'), 'utf8').trim().split('\n').map(Number);
  return Array.from({ length: ITEMS }, (_, id) => lines.filter((line) => line === id).length);
}

async function pidOfEngine(house: House): Promise<number | null> {
  const rows = await until(
    () => house.json<InstanceView[]>('ps'),
    ([row]) => row?.status === 'ready',
  );
  return rows[0]?.pid ?? null;
}
