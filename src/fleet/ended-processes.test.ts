import { expect, test } from 'vitest';

import { describeStore } from '../../test/support/describe-store.ts';
import type { EndedProcess } from '../contract/index.ts';
import { silentLog } from '../kernel/index.ts';
import { latestFacts } from '../store/index.ts';
import type { Store } from '../store/index.ts';
import { watchEndedProcesses } from './ended-processes.ts';

function end(launch: number, at: number = launch * 1_000): EndedProcess {
  return { launch, pid: 100 + launch, code: 1, signal: null, at, asked: false };
}

/** One life of a controller that sees these reports; answers the launches told so far, by this life and others. */
async function told(store: Store, ...reports: EndedProcess[][]): Promise<unknown[]> {
  const watch = watchEndedProcesses({ store, log: silentLog });
  for (const ended of reports) watch.onReport({ name: 'qwen', ended });
  await watch.close();
  const facts = await store.read((db) => latestFacts(db, 'instance:qwen', 100));
  return facts.map(({ data }) => (data as { launch: number }).launch);
}

describeStore('ended processes', (open) => {
  test('each end is told once, however often it is reported', async () => {
    expect(await told(await open(), [end(1)], [end(1)], [end(1), end(2)])).toEqual([1, 2]);
  });

  test('a controller that was away tells what it missed, and nothing twice', async () => {
    const store = await open();
    await told(store, [end(1)]);
    expect(await told(store, [end(1), end(2), end(3)])).toEqual([1, 2, 3]);
  });

  test('an instance that was removed and made again begins its launches anew', async () => {
    const store = await open();
    await told(store, [end(1), end(2)]);
    expect(await told(store, [end(1, 9_000)])).toEqual([1, 2, 1]);
  });
});
