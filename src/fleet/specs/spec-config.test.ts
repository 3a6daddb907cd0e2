import fc from 'fast-check';
import { expect, test } from 'vitest';

import { resolveSpec } from '../../config/index.ts';
import { instanceConfigSchema } from '../../contract/index.ts';
import type { InstanceSpec } from '../../contract/index.ts';
import { configOfSpec } from './spec-config.ts';

const FACTS = {
  modelPath: '/models/a.gguf',
  projector: '/models/eyes.gguf',
  contextLength: 8_192,
  autoBackend: 'vulkan',
  memoryBytes: 5,
  hostMemoryBytes: 3,
} as const;

function specOf(value: unknown): InstanceSpec {
  const config = instanceConfigSchema.parse(value);
  return resolveSpec(config, { ...FACTS, modelId: config.model.id ?? null });
}

const configs = fc.record({
  name: fc.constantFrom('alpha', 'b-2'),
  engine: fc.constantFrom(
    {},
    { kind: 'llama-server', path: '/bin/llama-server', args: ['--mlock'] },
    { kind: 'command', path: '/bin/serve', args: ['{port}'], stop_command: ['/bin/stop'], key_env: 'KEY' },
    { kind: 'remote', url: 'https://models.example/v1' },
  ),
  model: fc.record(
    {
      id: fc.constant('qwen'),
      context_size: fc.integer({ min: 512, max: 9_000 }),
      batch_size: fc.integer({ min: 1, max: 8_192 }),
      alias: fc.constantFrom([], ['fast', 'small']),
    },
    { requiredKeys: ['id'] },
  ),
  server: fc.record({ port: fc.integer({ min: 1, max: 65_535 }), parallel: fc.integer({ min: 1, max: 64 }) }),
  gpu: fc.record(
    { devices: fc.constantFrom(['cuda0'], ['a', 'b']), layers: fc.constantFrom('all', 'auto', 0, 12) },
    { requiredKeys: [] },
  ),
  healthcheck: fc.record({ interval: fc.constantFrom(1.5, '90s'), canary: fc.constantFrom('off', '5m') }),
  idle_ttl: fc.constantFrom('never', '10m', 1.25),
  env: fc.constantFrom({}, { A: '1' }),
  args: fc.constantFrom([], ['--verbose']),
  pinned: fc.boolean(),
});

test('a config written from a spec means that very spec again, fingerprint included', () => {
  fc.assert(
    fc.property(configs, (config) => {
      const spec = specOf(config);
      expect(specOf(JSON.parse(configOfSpec(spec)))).toEqual(spec);
    }),
  );
});
