import { expect, test } from 'vitest';

import { describeStore } from '../../test/support/describe-store.ts';
import { report } from '../../test/support/gateway-rig.ts';
import { makeSpec } from '../../test/support/make-spec.ts';
import { subject } from '../contract/index.ts';
import {
  addModelDownload,
  agentConnected,
  bumpEpoch,
  declareInstance,
  forgetFacts,
  latestFacts,
  latestProbes,
  latestSeq,
  listAgents,
  listFacts,
  listInstances,
  listModelDownloads,
  listModels,
  observeInstance,
  PROBES_KEPT,
  recordProbes,
  registerModel,
  removeInstance,
  removeModel,
  removeModelDownload,
  agentHeard,
} from './index.ts';
import type { NewModel, Store } from './index.ts';

const qwen: NewModel = {
  id: 'qwen',
  state: 'ready',
  path: '/models/qwen.gguf',
  sizeBytes: 4_000_000_000,
  sha256: null,
  architecture: 'qwen2',
  quantisation: 'Q4_K_M',
  contextLength: 32_768,
  parameters: 7_000_000_000,
  source: 'file',
  tier: 2,
  files: [{ path: '/models/qwen.gguf', size_bytes: 4_000_000_000, sha256: null, role: 'weights' }],
  hosts: ['here'],
  reason: null,
};

describeStore('models', (open) => {
  test('a registered model is found again, and registering it again replaces its file but not its age', async () => {
    const store = await open();
    const first = await store.write((tx) => registerModel(tx, qwen));
    await open.clock.advance(1_000);

    const second = await store.write((tx) => registerModel(tx, { ...qwen, path: '/models/other.gguf', sizeBytes: 5 }));

    expect(first).toEqual({ ...qwen, registeredAt: open.clock.now() - 1_000 });
    expect(second).toEqual({ ...first, path: '/models/other.gguf', sizeBytes: 5 });
    expect(await store.read(listModels)).toEqual([second]);
  });

  test('a removed model is gone, and removing it again says so', async () => {
    const store = await open();
    await store.write((tx) => registerModel(tx, qwen));

    const answers = [
      await store.write((tx) => removeModel(tx, 'qwen')),
      await store.write((tx) => removeModel(tx, 'qwen')),
    ];

    expect(answers).toEqual([true, false]);
    expect(await store.read(listModels)).toEqual([]);
  });

  test('a download is found again with its order until it is ended, once', async () => {
    const store = await open();
    const order = { model: 'qwen', files: [{ url: 'http://hub/a', name: 'a.gguf', sizeBytes: 1, sha256: null }] };
    const download = { model: 'qwen', reference: 'hf:a/b', revision: 'c0', host: 'here', order };

    const added = await store.write((tx) => addModelDownload(tx, download));

    expect(added).toEqual({ ...download, startedAt: open.clock.now() });
    expect(await store.read(listModelDownloads)).toEqual([added]);
    expect(await store.write((tx) => removeModelDownload(tx, 'qwen'))).toBe(true);
    expect(await store.write((tx) => removeModelDownload(tx, 'qwen'))).toBe(false);
  });
});

const qwenInstance = {
  name: 'qwen',
  desired: 'running',
  spec: null,
  config: '{ "name": "qwen" }',
  drained: false,
  ephemeral: false,
} as const;

describeStore('instances', (open) => {
  test('the latest declaration counts, and survives a restart', async () => {
    const store = await open();
    const spec = makeSpec({ name: 'qwen' });
    await store.write((tx) => declareInstance(tx, { ...qwenInstance, spec }));
    await store.write((tx) => declareInstance(tx, { ...qwenInstance, name: 'bare', ephemeral: true, config: null }));
    await store.write((tx) => declareInstance(tx, { ...qwenInstance, desired: 'stopped', spec, drained: true }));
    await store.close();

    const listed = await (await open()).read(listInstances);

    const updatedAt = open.clock.now();
    expect(listed).toEqual([
      { ...qwenInstance, name: 'bare', ephemeral: true, config: null, report: null, updatedAt },
      { ...qwenInstance, desired: 'stopped', spec, drained: true, report: null, updatedAt },
    ]);
  });

  test('the last report of a declared instance is kept, without the key of its engine', async () => {
    const store = await open();
    await store.write((tx) => declareInstance(tx, qwenInstance));

    await store.write((tx) => observeInstance(tx, report({ name: 'qwen', port: 8001 })));
    await store.write((tx) => observeInstance(tx, report({ name: 'unknown', port: 8002 })));
    await store.write((tx) => declareInstance(tx, { ...qwenInstance, desired: 'stopped' }));

    const [row, ...others] = await store.read(listInstances);
    expect(row?.report).toEqual(report({ name: 'qwen', port: 8001 }, { key: null }));
    expect(others).toEqual([]);
  });

  test('a removed instance is gone, and removing it again says so', async () => {
    const store = await open();
    await store.write((tx) => declareInstance(tx, qwenInstance));

    const answers = [
      await store.write((tx) => removeInstance(tx, 'qwen')),
      await store.write((tx) => removeInstance(tx, 'qwen')),
    ];

    expect(answers).toEqual([true, false]);
    expect(await store.read(listInstances)).toEqual([]);
  });
});

const hello = (store: Store, epoch: number): ReturnType<typeof agentConnected> =>
  store.write((tx) => agentConnected(tx, { host: 'rig', epoch, pid: 100 + epoch, version: '1' }));

describeStore('agents', (open) => {
  test('an agent whose epoch goes backwards is fenced, one that comes again is not', async () => {
    const store = await open();

    const answers = [await hello(store, 2), await hello(store, 1), await hello(store, 2), await hello(store, 3)];

    expect(answers.map(({ kind }) => kind)).toEqual(['accepted', 'fenced', 'accepted', 'accepted']);
    expect(answers[1]).toEqual({ kind: 'fenced', epoch: 2 });
    expect(await store.read(listAgents)).toMatchObject([{ host: 'rig', epoch: 3, pid: 103 }]);
  });

  test('only the current epoch renews', async () => {
    const store = await open();
    await hello(store, 2);
    const renew = (epoch: number): Promise<boolean> => store.write((tx) => agentHeard(tx, 'rig', epoch));

    expect([await renew(2), await renew(1)]).toEqual([true, false]);
  });
});

describeStore('meta and facts', (open) => {
  test('an epoch rises with each bump, also over a restart', async () => {
    const store = await open();
    const first = await store.write((tx) => bumpEpoch(tx, 'controller'));
    await store.close();
    const again = await open();

    const later = await Promise.all([1, 2].map(() => again.write((tx) => bumpEpoch(tx, 'controller'))));

    expect([first, ...later]).toEqual([1, 2, 3]);
  });

  test('facts are found by number, subject and batch', async () => {
    const store = await open();
    const subjects = ['batch:b1', 'task:b1/scan', 'batch:b10', 'task:b10/scan', 'instance:qwen', 'TASK:b1/x'];
    await store.write(async (tx) =>
      subjects.forEach((about) => tx.record({ type: 'batch.started', subject: about, data: {} })),
    );
    const find = (query: Parameters<typeof listFacts>[1]): Promise<string[]> =>
      store.read(async (db) => (await listFacts(db, query)).map((fact) => fact.subject));

    expect(await find({ limit: 2 })).toEqual(['batch:b1', 'task:b1/scan']);
    expect(await find({ limit: 2, newest: true })).toEqual(['instance:qwen', 'TASK:b1/x']);
    expect(await find({ afterSeq: 4, limit: 10 })).toEqual(['instance:qwen', 'TASK:b1/x']);
    expect(await find({ subjectPrefix: 'task:', limit: 10 })).toEqual(['task:b1/scan', 'task:b10/scan']);
    expect(await find({ batchId: 'b1', limit: 10 })).toEqual(['batch:b1', 'task:b1/scan']);
    expect(await store.read(latestSeq)).toBe(6);
  });

  test('the latest facts of a subject come oldest first, data and time included', async () => {
    const store = await open();
    for (const pid of [1, 2, 3]) {
      await store.write(async (tx) =>
        tx.record({ type: 'instance.adopted', subject: subject.instance('qwen'), data: { pid } }),
      );
    }

    const facts = await store.read((db) => latestFacts(db, 'instance:qwen', 2));

    expect(facts.map((fact) => fact.data)).toEqual([{ pid: 2 }, { pid: 3 }]);
    expect(facts[0]).toMatchObject({ type: 'instance.adopted', at: open.clock.now() });
  });
});

describeStore('health checks', (open) => {
  const probes = (name: string, count: number, from = 0) =>
    Array.from({ length: count }, (_, index) => {
      return { name, at: from + index, health: 'healthy' as const, detail: null, latencyMs: 1.4 };
    });

  test('the newest of each instance are kept, and those of others are left alone', async () => {
    const store = await open();
    await store.write((tx) => recordProbes(tx, [...probes('few', 3), ...probes('many', PROBES_KEPT)]));

    await store.write((tx) => recordProbes(tx, probes('many', 10, 1_000)));

    const many = await store.read((db) => latestProbes(db, 'many', 1_000));
    expect([many.length, many[0]?.at, many.at(-1)?.at]).toEqual([PROBES_KEPT, 10, 1_009]);
    expect(await store.read((db) => latestProbes(db, 'few', 2))).toEqual([
      { name: 'few', at: 1, health: 'healthy', detail: null, latencyMs: 1 },
      { name: 'few', at: 2, health: 'healthy', detail: null, latencyMs: 1 },
    ]);
  });

  test('they go with their instance', async () => {
    const store = await open();
    await store.write((tx) => recordProbes(tx, probes('qwen', 3)));

    await store.write((tx) => removeInstance(tx, 'qwen'));

    expect(await store.read((db) => latestProbes(db, 'qwen', 10))).toEqual([]);
  });
});

describeStore('retention of facts', (open) => {
  const adopted = (store: Store, pid: number) =>
    store.write(async (tx) =>
      tx.record({ type: 'instance.adopted', subject: subject.instance('qwen'), data: { pid } }),
    );

  test('the oldest go in bounded portions, and what is young enough stays with its number', async () => {
    const store = await open();
    for (const pid of [1, 2, 3]) await adopted(store, pid);
    await open.clock.advance(1_000);
    await adopted(store, 4);
    const before = open.clock.now() - 500;

    const answers = [
      await store.write((tx) => forgetFacts(tx, { before, limit: 2 })),
      await store.write((tx) => forgetFacts(tx, { before, limit: 2 })),
      await store.write((tx) => forgetFacts(tx, { before, limit: 2 })),
    ];

    expect(answers).toEqual([2, 1, 0]);
    const left = await store.read((db) => listFacts(db, { limit: 10 }));
    expect(left.map(({ seq, data }) => [seq, data])).toEqual([[4, { pid: 4 }]]);
  });
});
