import { expect, test } from 'vitest';

import { makeSpec } from '../../../test/support/make-spec.ts';
import { AppError } from '../../contract/index.ts';
import { silentLog } from '../../kernel/index.ts';
import { createBrainInstance } from './brain-instance.ts';
import type { BrainInstance, BrainInstanceDeps } from './brain-instance.ts';
import type { DesiredInstance } from './desired.ts';
import type { UsableConfig } from '../specs/spec-resolver.ts';

function declared(name: string, more: Partial<DesiredInstance> = {}): DesiredInstance {
  return { spec: makeSpec({ name }), desired: 'running', config: '{}', drained: false, ephemeral: false, ...more };
}

function rig(more: Partial<BrainInstanceDeps> = {}, before: readonly DesiredInstance[] = []) {
  const store = new Map(before.map((instance) => [instance.spec.name, instance]));
  const log: string[] = [];
  const configs: UsableConfig[] = [];
  const brain: BrainInstance = createBrainInstance({
    setting: { model: 'qwen', devices: ['gpu0', 'gpu1'], context: 8_192 },
    declarations: {
      get: (name) => store.get(name) ?? null,
      all: () => [...store.values()],
      declare: async (instance) => void store.set(instance.spec.name, instance),
      forget: async (name) => void store.delete(name),
    },
    specs: {
      async resolve(config) {
        configs.push(config);
        return makeSpec({ name: 'brain', pinned: true, fingerprint: JSON.stringify(config.config.model) });
      },
    },
    isConfigured: () => false,
    isKnown: () => store.has('brain'),
    reportOf: () => null,
    forget: (name) => void log.push(`forget ${name}`),
    push: () => void log.push('push'),
    log: silentLog,
    ...more,
  });
  const admitted = (): readonly string[] => brain.admitted([...store.values()]).map(({ spec }) => spec.name);
  return { brain, store, log, configs, admitted };
}

test('the setting makes a pinned instance that is split over its cards', async () => {
  const { brain, store, configs } = rig();

  await brain.settle();

  expect(configs[0]?.config).toMatchObject({
    name: 'brain',
    model: { id: 'qwen', context_size: 8_192 },
    gpu: { devices: ['gpu0', 'gpu1'], split: 'layer' },
    pinned: true,
  });
  expect(store.get('brain')).toMatchObject({ desired: 'running', config: null, ephemeral: false });
  expect(brain.problem()).toBeNull();
});

test('a file is named by its path, and one card or none needs no split', async () => {
  const { brain, configs } = rig({ setting: { model: '/models/q.gguf', devices: null, context: null } });

  await brain.settle();

  expect(configs[0]?.config).toMatchObject({ model: { path: '/models/q.gguf' }, gpu: { split: 'none' } });
});

test('instances of an earlier life come up after it had its turn', async () => {
  const { brain, admitted, log } = rig({}, [declared('chat')]);

  const before = admitted();
  await brain.settle();
  brain.onReport({ name: 'brain', state: 'loading' });
  const meanwhile = admitted();
  brain.onReport({ name: 'brain', state: 'ready' });
  await brain.hadItsTurn;

  expect([before, meanwhile, admitted()]).toEqual([[], ['brain'], ['chat', 'brain']]);
  expect(log).toEqual(['push']);
});

test('one that is started by hand meanwhile does not wait', async () => {
  const { brain, admitted, store } = rig({}, [declared('chat')]);
  await brain.settle();

  store.set('chat', declared('chat'));

  expect(admitted()).toEqual(['chat', 'brain']);
});

test('a brain that fails, or that somebody stops, keeps nobody waiting', async () => {
  const failing = rig({}, [declared('chat')]);
  const stopped = rig({}, [declared('chat'), declared('brain', { config: null, desired: 'stopped' })]);

  await failing.brain.settle();
  failing.brain.onReport({ name: 'brain', state: 'failed' });
  await stopped.brain.settle();

  expect(failing.admitted()).toEqual(['chat', 'brain']);
  expect(stopped.admitted()).toEqual(['chat', 'brain']);
  expect(stopped.store.get('brain')?.desired).toBe('stopped');
});

test('a model that is not there is told, and the others come up', async () => {
  const missing = new AppError('MODEL_NOT_FOUND', 'the catalogue has no model "qwen"');
  const { brain, admitted } = rig({ specs: { resolve: () => Promise.reject(missing) } }, [declared('chat')]);

  await brain.settle();

  expect(brain.problem()).toBe('the setting "brain" cannot be used: the catalogue has no model "qwen"');
  expect(admitted()).toEqual(['chat']);
});

test('without the setting its instance goes, and what is missing is said', async () => {
  const { brain, store, log, admitted } = rig({ setting: null }, [declared('brain', { config: null })]);

  await brain.settle();

  expect([store.size, log]).toEqual([0, ['forget brain']]);
  expect(admitted()).toEqual([]);
  expect(brain.problem()).toBe('no model of the brain is configured: run "drover config set brain MODEL"');
});

test('an instance of that name with a config of its own is left alone', async () => {
  const { brain, store } = rig({ isConfigured: () => true }, [declared('brain')]);

  await brain.settle();

  expect(store.get('brain')?.config).toBe('{}');
  expect(brain.problem()).toBeNull();
});

test('the same setting again declares nothing', async () => {
  const { brain, store } = rig();
  await brain.settle();
  const first = store.get('brain');

  await brain.settle();

  expect(store.get('brain')).toBe(first);
});

test('a setting that cannot be used any more leaves the instance as it was, and says so', async () => {
  const { brain, store } = rig(
    {
      specs: {
        resolve: () => Promise.reject(new AppError('CONFIG_INVALID', 'there is no device gpu9')),
      },
    },
    [declared('brain', { config: null })],
  );

  await brain.settle();

  expect(store.get('brain')?.desired).toBe('running');
  expect(brain.problem()).toBeNull();
  expect(brain.trouble()).toBe('the setting "brain" cannot be used: there is no device gpu9');
});
