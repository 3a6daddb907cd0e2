import { expect, test } from 'vitest';

import { describeStore } from '../../../test/support/describe-store.ts';
import { report } from '../../../test/support/gateway-rig.ts';
import type { EndedProcess, InstanceReport } from '../../contract/index.ts';
import { silentLog } from '../../kernel/index.ts';
import { declareInstance, latestFacts, listInstances, removeInstance } from '../../store/index.ts';
import type { Store } from '../../store/index.ts';
import { createInstanceHistory } from './instance-history.ts';

const QWEN = { name: 'qwen', port: 8001 };

function end(launch: number, at: number = launch * 1_000): EndedProcess {
  return { launch, pid: 100 + launch, code: 1, signal: null, at, asked: false };
}

/** One life of a controller that sees these reports; answers the launches told so far, by this life and others. */
async function told(store: Store, ...reports: EndedProcess[][]): Promise<unknown[]> {
  await life(store, ...reports.map((ended) => report(QWEN, { ended })));
  const facts = await store.read((db) => latestFacts(db, 'instance:qwen', 100));
  return facts.map(({ data }) => (data as { launch: number }).launch);
}

async function life(store: Store, ...reports: InstanceReport[]): Promise<void> {
  const history = await createInstanceHistory({ store, log: silentLog });
  for (const each of reports) history.onReport(each, { adopted: false });
  await history.close();
}

async function declareQwen(store: Store): Promise<void> {
  const declaration = { desired: 'running', spec: null, config: null, drained: false, ephemeral: false } as const;
  await store.write((tx) => declareInstance(tx, { name: 'qwen', ...declaration }));
}

describeStore('the history of an instance', (open) => {
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

  test('a change while no controller was there is a fact of the next life, and the last report is kept', async () => {
    const store = await open();
    await declareQwen(store);
    await life(store, report(QWEN));

    await life(store, report(QWEN, { state: 'failed', health: 'error', healthDetail: 'gone', pid: null, url: null }));

    const facts = await store.read((db) => latestFacts(db, 'instance:qwen', 10));
    expect(facts.map(({ type, data }) => ({ type, data }))).toMatchObject([
      { type: 'instance.changed', data: { from: 'ready', to: 'failed' } },
      { type: 'instance.health_changed', data: { from: 'healthy', to: 'error', detail: 'gone' } },
    ]);
    const [row] = await store.read(listInstances);
    expect(row?.report).toMatchObject({ state: 'failed', key: null });
  });

  test('how far a load was is no reason for its end', async () => {
    const store = await open();
    await declareQwen(store);
    const loading = { health: 'loading', healthDetail: '37%' } as const;

    await life(store, report(QWEN, { ...loading, state: 'loading' }), report(QWEN, { ...loading, state: 'stopping' }));

    const facts = await store.read((db) => latestFacts(db, 'instance:qwen', 10));
    expect(facts).toMatchObject([{ type: 'instance.changed', data: { to: 'stopping', reason: null } }]);
  });

  test('a change of health alone is a fact; the same report again is none', async () => {
    const store = await open();
    await declareQwen(store);

    await life(store, report(QWEN), report(QWEN, { health: 'error' }), report(QWEN, { health: 'error' }));

    const facts = await store.read((db) => latestFacts(db, 'instance:qwen', 10));
    expect(facts.map(({ type }) => type)).toEqual(['instance.health_changed']);
  });

  test('the instance that follows under the name of a removed one has no past', async () => {
    const store = await open();
    await declareQwen(store);
    const history = await createInstanceHistory({ store, log: silentLog });
    history.onReport(report(QWEN), { adopted: false });
    await store.write((tx) => removeInstance(tx, 'qwen'));
    history.forget('qwen');

    history.onReport(report(QWEN, { state: 'loading', health: 'loading' }), { adopted: false });
    await history.close();

    expect(await store.read((db) => latestFacts(db, 'instance:qwen', 10))).toEqual([]);
  });
});
