/**
 * A list of a million items: the memory of the controller over what it was idle, while its tasks are made in a window and
 * run. The batch is killed after a while: how far it came is told.
 * Run: `npm run bench -- plans/items [--items 1000000] [--seconds 20]`.
 */

import { createWriteStream, mkdirSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';

import type { BatchDetailView } from '../../src/contract/index.ts';
import { numberFrom, printTable } from '../support.ts';
import { warmDrover } from './drover.ts';

const items = numberFrom(process.argv, '--items', 1_000_000);
const seconds = numberFrom(process.argv, '--seconds', 20);

await using drover = await warmDrover();
const folder = drover.plan([{ id: 'each', foreach: '{PLAN_PATH}/lists/items.jsonl', command: 'true' }]);
mkdirSync(join(folder, 'lists'));
const file = createWriteStream(join(folder, 'lists/items.jsonl'));
for (let at = 0; at < items; at++) if (!file.write(`{"id":"i${at}"}\n`)) await once(file, 'drain');
await new Promise((closed) => file.end(closed));

await drover.run(drover.plan([{ id: 'one', command: 'true' }]));
const idle = drover.memoryMb().now;
const started = performance.now();
const { batch_id: id } = await drover.submit(folder);
let firstMs = Number.NaN;
let view: BatchDetailView;
do {
  await new Promise((next) => setTimeout(next, 500));
  view = await drover.call<BatchDetailView>('GET', `/v2/batches/${id}`);
  if (Number.isNaN(firstMs) && view.counts.succeeded > 0) firstMs = performance.now() - started;
} while (performance.now() - started < seconds * 1_000 && view.status === 'running');
const { now, most } = drover.memoryMb();
printTable(`a list of ${items} items`, [
  { what: 'submit to the first end of an item, ms (seen twice a second)', figure: firstMs },
  { what: `items that ended in ${seconds} s`, figure: view.counts.succeeded },
  { what: 'memory of the controller, idle, MB', figure: idle },
  { what: `after ${seconds} s of work on the list, MB`, figure: now },
  { what: 'the most it was, MB', figure: most },
]);
await drover.call('POST', `/v2/batches/${id}/kill`);
