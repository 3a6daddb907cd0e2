import { describe, expect, test } from 'vitest';

import { instanceConfigSchema } from '../contract/instances.ts';
import type { InstanceConfigInput } from '../contract/instances.ts';
import { modelPathOf, resolveSpec } from './resolve-spec.ts';
import type { SpecFacts } from './resolve-spec.ts';
import { validateInstance } from './validate-instance.ts';
import type { InstanceChecks } from './validate-instance.ts';

const FACTS: SpecFacts = {
  modelPath: '/models/demo.gguf',
  modelId: 'demo',
  contextLength: 4096,
  autoEngine: 'embedded',
  autoBackend: 'cpu',
  estimateMemory: ({ contextSize, parallel }) => contextSize * parallel,
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
      model: { contextSize: 1024, memoryBytes: 2048 },
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

describe('validating against the world', () => {
  const CHECKS: InstanceChecks = {
    modelFile: (id) => Promise.resolve(id === 'demo' ? '/models/demo.gguf' : null),
    knownModels: () => Promise.resolve(['demo']),
    inspectModel: () => Promise.resolve({ kind: 'gguf', contextLength: 4096 }),
    checkPort: () => Promise.resolve({ kind: 'free' }),
    engineProblem: () => Promise.resolve(null),
    portsOfOthers: new Map([[8001, 'other']]),
    cores: 2,
  };

  test('a config that fits has no problems', async () => {
    expect(await validateInstance('f', config({ server: { port: 8002 } }), CHECKS)).toEqual([]);
  });

  test.each([
    ['a model of no name', { model: { id: 'demoo' } }, {}, 'MODEL_NOT_FOUND', 'model.id', 'did you mean "demo"?'],
    [
      'a model file that is gone',
      { model: { path: '/x.gguf' } },
      { inspectModel: () => Promise.resolve({ kind: 'missing' as const }) },
      'MODEL_FILE_MISSING',
      'model.path',
      'give the path of a .gguf file',
    ],
    [
      'a model file that is text',
      {},
      { inspectModel: () => Promise.resolve({ kind: 'invalid' as const, reason: 'starts with "hell"' }) },
      'MODEL_FILE_INVALID',
      'model.id',
      'run "drover models demo"',
    ],
    [
      'a port of a neighbour',
      { server: { port: 8001 } },
      {},
      'CONFIG_INVALID',
      'server.port',
      'give each its own port',
    ],
    [
      'a port that is taken',
      { server: { port: 8002 } },
      { checkPort: () => Promise.resolve({ kind: 'taken' as const, holder: 'python3 (pid 7)' }) },
      'PORT_TAKEN',
      'server.port',
      'stop it, or choose another port',
    ],
    [
      'an engine that is not there',
      {},
      { engineProblem: () => Promise.resolve({ message: 'no llama-server', hint: 'run "drover engine build"' }) },
      'ENGINE_NOT_FOUND',
      'engine',
      'run "drover engine build"',
    ],
  ])('%s', async (_title, more, checks, code, path, hint) => {
    const problems = await validateInstance('f', config(more), { ...CHECKS, ...checks });

    expect(problems).toEqual([expect.objectContaining({ code, path, hint, severity: 'error' })]);
  });

  test('too much context and too many threads are warnings', async () => {
    const bold = config({ model: { id: 'demo', context_size: 9000, threads: 8 } });

    const problems = await validateInstance('f', bold, CHECKS);

    expect(problems.map(({ path, severity }) => [path, severity])).toEqual([
      ['model.context_size', 'warning'],
      ['model.threads', 'warning'],
    ]);
  });
});
