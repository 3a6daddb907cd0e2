// @ts-check
/**
 * A process that writes to a store in a loop until it is killed, and prints the key of every write that the store
 * has acknowledged. Runs the built code. Each write makes two rows and a fact, so that a torn one would show.
 */

import { writeSync } from 'node:fs';

import { silentLog, systemClock } from '../../dist/kernel/index.js';
import { openStore } from '../../dist/store/index.js';

const [url = '', lane = ''] = process.argv.slice(2);
const WRITERS = 8;

const store = await openStore({ url, log: silentLog, clock: systemClock });
let next = 0;

async function writeForever() {
  for (;;) {
    const key = `${lane}-${(next += 1)}`;
    await store.write(async (tx) => {
      await tx.db
        .insertInto('meta')
        .values({ key: `${key}-a`, value: 'x' })
        .execute();
      await tx.db
        .insertInto('meta')
        .values({ key: `${key}-b`, value: 'x' })
        .execute();
      tx.record({ type: 'instance.removed', subject: key, data: {} });
    });
    writeSync(1, `${key}\n`);
  }
}

await Promise.all(Array.from({ length: WRITERS }, writeForever));
