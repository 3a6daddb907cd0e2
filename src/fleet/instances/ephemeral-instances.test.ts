import { expect, test } from 'vitest';

import { makeSpec } from '../../../test/support/make-spec.ts';
import { AppError } from '../../contract/index.ts';
import { silentLog } from '../../kernel/index.ts';
import type { DesiredInstance } from './desired.ts';
import { createEphemeralInstances, freeName } from './ephemeral-instances.ts';

function rig() {
  const declared = new Map<string, DesiredInstance>();
  const forgotten: string[] = [];
  const starts: { readonly name: string; resolve(): void; reject(error: AppError): void }[] = [];
  const ephemerals = createEphemeralInstances({
    declarations: {
      get: (name) => declared.get(name) ?? null,
      all: () => [...declared.values()],
      declare: async (instance) => void declared.set(instance.spec.name, instance),
      forget: async (name) => void declared.delete(name),
    },
    specs: {
      resolve: async ({ file, config }) => {
        if (config.model.id === 'too-big') throw new AppError('MEMORY_INSUFFICIENT', `${file}: gpu: needs 9 GB`);
        return makeSpec({ name: config.name, idleTtlMs: config.idle_ttl === 'never' ? null : config.idle_ttl });
      },
    },
    takenNames: () => ['qwen', ...declared.keys()],
    idleTtlMs: () => 600_000,
    devices: () => [],
    bringUp: ({ name }) => new Promise((resolve, reject) => starts.push({ name, resolve, reject })),
    forget: (name) => forgotten.push(name),
    log: silentLog,
  });
  const started = async (count: number): Promise<void> => {
    while (starts.length < count) await Promise.resolve();
  };
  return { declared, forgotten, starts, started, ephemerals };
}

test('two requests at once make one instance, named after the model, that falls asleep when it is idle', async () => {
  const { declared, starts, started, ephemerals } = rig();

  const both = Promise.all([ephemerals.make('Qwen'), ephemerals.make('Qwen')]);
  await started(1);
  starts[0]?.resolve();
  await both;

  expect(starts.map(({ name }) => name)).toEqual(['qwen-2']);
  expect([...declared.values()]).toMatchObject([
    { ephemeral: true, desired: 'running', config: null, spec: { idleTtlMs: 600_000 } },
  ]);
});

test('a worker has the name of its model, and stays, also when it makes room for another', async () => {
  const { declared, starts, started, ephemerals } = rig();

  const spawned = ephemerals.spawn({ model: 'Qwen', backend: 'cpu' });
  await started(1);
  starts[0]?.resolve();

  expect(await spawned).toBe('qwen-2');
  ephemerals.onReport({ name: 'qwen-2', state: 'asleep' });
  await Promise.resolve();
  expect([...declared.values()]).toMatchObject([{ ephemeral: true, config: null, spec: { idleTtlMs: null } }]);
});

test('two models with the same slug get two names', async () => {
  const { starts, started, ephemerals } = rig();

  const both = Promise.all([ephemerals.make('a/b'), ephemerals.make('a.b')]);
  await started(2);
  for (const start of starts) start.resolve();
  await both;

  expect(starts.map(({ name }) => name)).toEqual(['a-b', 'a-b-2']);
});

test('one that cannot start is told and leaves nothing; the next request tries anew', async () => {
  const { declared, forgotten, starts, started, ephemerals } = rig();
  const first = ephemerals.make('demo');
  await started(1);

  starts[0]?.reject(new AppError('ENGINE_START_FAILED', 'demo exited with code 1'));

  await expect(first).rejects.toMatchObject({ code: 'ENGINE_START_FAILED' });
  expect([declared.size, forgotten]).toEqual([0, ['demo']]);
  await expect(ephemerals.spawn({ model: 'a', backend: 'cuda', device: '0' })).rejects.toMatchObject({
    code: 'DEVICE_NOT_FOUND',
  });
  await expect(ephemerals.make('too-big')).rejects.toMatchObject({
    code: 'MEMORY_INSUFFICIENT',
    message: 'an instance of too-big: gpu: needs 9 GB',
  });
  expect(declared.size).toBe(0);
});

test('it goes when it falls asleep, and others that sleep stay', async () => {
  const { declared, forgotten, starts, started, ephemerals } = rig();
  const made = ephemerals.make('demo');
  await started(1);
  starts[0]?.resolve();
  await made;
  declared.set('kept', { spec: makeSpec(), desired: 'running', config: '', drained: false, ephemeral: false });

  ephemerals.onReport({ name: 'kept', state: 'asleep' });
  ephemerals.onReport({ name: 'demo', state: 'ready' });
  ephemerals.onReport({ name: 'demo', state: 'asleep' });
  await Promise.resolve();

  expect([...declared.keys()]).toEqual(['kept']);
  expect(forgotten).toEqual(['demo']);
});

test('a name is a slug of the id, whatever the id is', () => {
  const names = ['Qwen2.5-7B/Q4_K_M', '---', 'x'.repeat(300), 'ü'].map((id) => freeName(id, new Set()));

  expect(names).toEqual(['qwen2-5-7b-q4-k-m', 'model', 'x'.repeat(60), 'model']);
});
