/** Crash safety with a real process and SIGKILL: what a store has acknowledged is there afterwards, whole. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { expect, test } from 'vitest';

import { listFacts } from '../../src/store/index.ts';
import type { Store } from '../../src/store/index.ts';
import { describeStore } from '../support/describe-store.ts';

const WRITER = join(import.meta.dirname, '../support/store-writer.mjs');

interface WriterRun {
  /** Keys that the writer saw acknowledged before it died. */
  readonly acknowledged: readonly string[];
}

/** Lets a writer acknowledge `count` writes, calls `meanwhile`, and kills it in the middle of the next ones. */
async function killedWriter(
  url: string,
  lane: string,
  count: number,
  meanwhile: () => Promise<void> = async () => {},
): Promise<WriterRun> {
  const child = spawn(process.execPath, [WRITER, url, lane], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const read = once(lines, 'close');
  const acknowledged: string[] = [];
  const enough = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      if (acknowledged.push(line) === count) resolve();
    });
  });
  await Promise.race([enough, exited]);
  await meanwhile();
  child.kill('SIGKILL');
  await exited;
  await read;
  return { acknowledged };
}

/** Keys stored by the writers, and the subjects of the facts beside them. */
async function stored(store: Store): Promise<{ keys: string[]; subjects: string[] }> {
  const rows = await store.read((db) => db.selectFrom('meta').select('key').where('key', 'like', 'lane%').execute());
  const facts = await store.read((db) => listFacts(db, { limit: 1_000_000 }));
  return { keys: rows.map(({ key }) => key), subjects: facts.map(({ subject }) => subject).toSorted() };
}

describeStore('a killed writer', (open) => {
  test('every acknowledged write is there after each of three kills, and none is torn', async () => {
    const url = await open.url();
    const runs = [
      await killedWriter(url, 'lane1', 60),
      await killedWriter(url, 'lane2', 90),
      await killedWriter(url, 'lane3', 120),
    ];

    const { keys, subjects } = await stored(await open());

    const acknowledged = runs.flatMap((run) => run.acknowledged);
    expect(acknowledged.length).toBeGreaterThanOrEqual(270);
    expect(subjects).toEqual(expect.arrayContaining(acknowledged));
    expect(keys.toSorted()).toEqual(subjects.flatMap((subject) => [`${subject}-a`, `${subject}-b`]).toSorted());
  });

  test.skipIf(open.dialect !== 'sqlite')(
    'a second process is refused while the first lives, and let in after',
    async () => {
      const url = await open.url();

      await killedWriter(url, 'lane1', 5, async () => {
        await expect(open()).rejects.toMatchObject({
          code: 'STORE_FAILED',
          hint: expect.stringContaining('daemon stop'),
        });
      });

      await expect(open()).resolves.toBeDefined();
    },
  );
});
