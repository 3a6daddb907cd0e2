import { describe, expect, test } from 'vitest';

import { instanceConfigSchema } from '../../contract/instance-config.ts';
import type { InstanceConfigInput } from '../../contract/instance-config.ts';
import { modelPathOf, projectorOf, resolveSpec } from './resolve-spec.ts';
import type { SpecFacts } from './resolve-spec.ts';

const FACTS: SpecFacts = {
  modelPath: '/models/demo.gguf',
  modelId: 'demo',
  projector: null,
  contextLength: 4096,
  autoBackend: 'cpu',
  memoryBytes: 4096,
  hostMemoryBytes: 0,
};

function config(more: Partial<InstanceConfigInput> = {}) {
  return instanceConfigSchema.parse({ name: 'chat', model: { id: 'demo' }, ...more });
}

describe('resolving a spec', () => {
  test('decides what is auto', () => {
    expect(resolveSpec(config(), FACTS)).toMatchObject({
      engine: { kind: 'embedded' },
      model: { path: '/models/demo.gguf', contextSize: 4096, memoryBytes: 4096, threads: 'auto' },
      server: { port: null, key: null },
      gpu: { backend: 'cpu', devices: [] },
      health: { intervalMs: 10_000 },
    });
  });

  test('keeps what is written', () => {
    const spec = resolveSpec(
      config({ model: { id: 'demo', context_size: 1024 }, server: { port: 8005, parallel: 2, key: 'k' } }),
      FACTS,
    );

    expect(spec).toMatchObject({
      model: { contextSize: 1024, memoryBytes: 4096 },
      server: { port: 8005, parallel: 2, key: 'k' },
    });
  });

  test('gives equal fingerprints to configs that launch the same process', () => {
    const plain = resolveSpec(config(), FACTS);
    const patient = resolveSpec(config({ restart: { max_retries: 9 }, stop: { grace: 1 } }), FACTS);

    expect(patient.fingerprint).toBe(plain.fingerprint);
  });

  test.each([
    ['another port', { server: { port: 8009 } }],
    ['another context', { model: { id: 'demo', context_size: 2048 } }],
    ['an argument more', { args: ['--x'] }],
    ['a variable more', { env: { A: '1' } }],
    ['more slots', { server: { parallel: 2 } }],
  ])('gives another fingerprint for %s', (_title, more) => {
    expect(resolveSpec(config(more), FACTS).fingerprint).not.toBe(resolveSpec(config(), FACTS).fingerprint);
  });

  test('a relative model path counts from the folder of the config', () => {
    const relative = config({ model: { path: '../m.gguf' } });

    expect(modelPathOf(relative, '/h/instances/chat/config.json')).toBe('/h/instances/m.gguf');
    expect(modelPathOf(config(), '/h/instances/chat/config.json')).toBeNull();
  });
});

describe('the projector', () => {
  const parts = [
    { path: '/models/m.gguf', size_bytes: 1, sha256: null, role: 'weights' as const },
    { path: '/models/mmproj.gguf', size_bytes: 1, sha256: null, role: 'projector' as const },
  ];
  const engine = { kind: 'llama-server' as const };

  test('is the one that the model came with', () => {
    expect(projectorOf(config({ engine }), '/i/config.json', parts)).toBe('/models/mmproj.gguf');
    expect(projectorOf(config({ engine }), '/i/config.json', [])).toBeNull();
  });

  test('is the one that the config names, beside it', () => {
    const named = config({ engine, model: { id: 'demo', projector: 'eyes.gguf' } });

    expect(projectorOf(named, '/i/config.json', parts)).toBe('/i/eyes.gguf');
  });

  test('is given to no engine that cannot take one', () => {
    expect(projectorOf(config(), '/i/config.json', parts)).toBeNull();
  });

  test('makes another engine of it, and none is what it was', () => {
    const without = resolveSpec(config({ engine }), FACTS);
    const withOne = resolveSpec(config({ engine }), { ...FACTS, projector: '/models/mmproj.gguf' });

    expect(withOne.model.projector).toBe('/models/mmproj.gguf');
    expect(withOne.fingerprint).not.toBe(without.fingerprint);
    expect(without.model).not.toHaveProperty('projector');
  });
});
