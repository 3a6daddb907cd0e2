/** What the placer says is there, and what it does with a name. */

import { expect, test } from 'vitest';

import { report } from '../../../test/support/gateway-rig.ts';
import { makeSpec } from '../../../test/support/make-spec.ts';
import type { InstanceReport } from '../../contract/index.ts';
import type { DirectoryInstance, Target } from '../../gateway/index.ts';
import { createBus } from '../../kernel/index.ts';
import type { DesiredInstance } from '../instances/desired.ts';
import type { InstanceEvent } from '../instances/instance-mirror.ts';
import { createModelPlacer } from './model-placer.ts';

function rig(declared: readonly DesiredInstance[], reports: readonly InstanceReport[], target: Target | null = null) {
  const calls: string[] = [];
  const events = createBus<InstanceEvent>(() => {});
  const mirror = new Map(reports.map((it) => [it.name, it]));
  const placer = createModelPlacer({
    names: { resolve: () => target },
    hosts: {
      localHost: 'here',
      instances: () => mirror,
      instanceEvents: events,
      call: async (_host, call) => void calls.push('name' in call ? `${call.op} ${call.name}` : call.op),
    },
    declarations: {
      all: () => declared,
      get: (name) => declared.find(({ spec }) => spec.name === name) ?? null,
    },
    directory: { stop: () => Promise.reject(new Error('nothing is stopped here')) },
    ephemerals: { make: async (model, device) => void calls.push(`make ${model} ${device}`) },
    needs: { of: () => ({ memoryBytes: 1, slots: 2, loadMs: 3 }), isUnreadable: () => false },
    busySlots: () => 0,
    usedAt: (name) => (name === 'used' ? 7 : null),
  });
  return { placer, calls, mirror, events };
}

function declaredAs(name: string, changes: Partial<DesiredInstance> = {}): DesiredInstance {
  return { spec: makeSpec({ name }), desired: 'running', config: null, drained: false, ephemeral: true, ...changes };
}

test('what is declared to run and not reported yet is on its way, so that nothing is loaded for it again', () => {
  const { placer } = rig([declaredAs('a'), declaredAs('b', { desired: 'stopped' })], []);

  expect(placer.instances()).toMatchObject([
    { name: 'a', state: 'coming' },
    { name: 'b', state: 'other' },
  ]);
});

test('an engine in backoff comes by itself; one that sleeps or has failed does not', () => {
  const states = ['ready', 'loading', 'backoff', 'asleep', 'failed', 'stopping'] as const;
  const reports = states.map((state) => ({ ...report({ name: state, port: 1 }), state }));
  const { placer } = rig(
    states.map((state) => declaredAs(state)),
    reports,
  );

  expect(placer.instances().map(({ state }) => state)).toEqual([
    'ready',
    'coming',
    'coming',
    'other',
    'other',
    'other',
  ]);
});

test('when it was last used is told with an instance', () => {
  const { placer } = rig([declaredAs('used'), declaredAs('new')], []);

  expect(placer.instances().map(({ usedAt }) => usedAt)).toEqual([7, null]);
});

/** An instance of the model "demo" that sleeps: as the directory knows it, and as its agent reports it. */
const sleeper: DirectoryInstance = {
  name: 'a',
  desired: 'running',
  modelId: 'demo',
  aliases: [],
  drained: false,
  ephemeral: false,
};
const asleep: InstanceReport = { ...report({ name: 'a', port: 1 }), state: 'asleep' };

test('an instance of the model that sleeps is woken before another is made', async () => {
  const target: Target = { kind: 'model', name: 'demo', instances: [sleeper] };
  const { placer, calls, mirror } = rig([declaredAs('a')], [asleep], target);

  await placer.load('demo', 'sim0');
  mirror.set('a', { ...asleep, state: 'ready' });
  await placer.load('demo', 'sim1');

  expect(calls).toEqual(['ensure-ready a', 'make demo sim1']);
});

test('waking an instance takes what the instance takes, where it is bound to; while it falls asleep nothing is told', () => {
  const bound = makeSpec({ name: 'a' });
  const declared = declaredAs('a', {
    spec: {
      ...bound,
      model: { ...bound.model, id: 'demo', memoryBytes: 77 },
      gpu: { ...bound.gpu, devices: ['sim2'] },
    },
  });
  const target: Target = { kind: 'model', name: 'demo', instances: [sleeper] };
  const { placer, mirror } = rig([declared], [asleep], target);

  expect(placer.loadable('demo')).toMatchObject({ memoryBytes: 77, most: 1, devices: ['sim2'] });
  expect(placer.comesByRequest('demo')).toBe(false);
  mirror.set('a', { ...asleep, state: 'stopping' });
  expect(placer.loadable('demo')).toBeNull();
});

test('what is split over several devices is left to a request', () => {
  const spec = makeSpec({ name: 'a' });
  const split = declaredAs('a', { spec: { ...spec, gpu: { ...spec.gpu, split: 'layer' } } });
  const { placer } = rig([split], [asleep], { kind: 'instance', name: 'a', instances: [sleeper] });

  expect(placer.comesByRequest('a')).toBe(true);
});

test('a name that means one instance is not loaded a second time elsewhere', async () => {
  const only = {
    name: 'a',
    desired: 'stopped',
    modelId: 'demo',
    aliases: [],
    drained: false,
    ephemeral: false,
  } as const;
  const { placer } = rig([], [], { kind: 'instance', name: 'a', instances: [only] });

  expect(placer.loadable('a')).toBeNull();
  await expect(placer.load('a', 'sim0')).rejects.toMatchObject({ code: 'INSTANCE_STOPPED', hint: 'run "drover up a"' });
});

test('putting to sleep ends when the instance rests', async () => {
  const ready = report({ name: 'a', port: 1 });
  const { placer, mirror, events } = rig([declaredAs('a')], [ready]);

  const done = placer.sleep('a');
  mirror.set('a', asleep);
  events.publish({ kind: 'report', report: asleep, adopted: false });

  await expect(done).resolves.toBeUndefined();
});
