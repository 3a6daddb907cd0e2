import fc from 'fast-check';
import { expect, test } from 'vitest';

import { instanceConfigSchema } from '../../contract/instance-config.ts';
import type { InstanceConfigInput } from '../../contract/instance-config.ts';
import type { LaunchDevice } from '../../engines/index.ts';
import { createEngines } from '../../engines/index.ts';
import { importCommand } from './import-command.ts';
import { namedConfig } from './imported.ts';
import { resolveSpec } from '../instances/resolve-spec.ts';

const engine = createEngines({ home: '/nowhere', environment: {} })['llama-server'];

/** Configs in which nothing is left to the launch, since a command line does not tell what was open. */
const explicit: fc.Arbitrary<InstanceConfigInput> = fc.record({
  name: fc.constantFrom('chat', 'qwen-8b'),
  engine: fc.constant({ kind: 'llama-server' as const, path: '/opt/llama server/llama-server' }),
  model: fc.record({
    path: fc.string({ minLength: 1, maxLength: 12 }).map((name) => `/models/${name}.gguf`),
    context_size: fc.integer({ min: 512, max: 200_000 }),
    batch_size: fc.integer({ min: 1, max: 8_192 }),
    threads: fc.integer({ min: 1, max: 256 }),
  }),
  server: fc.record({
    host: fc.constantFrom('127.0.0.1', '0.0.0.0', '::1'),
    port: fc.integer({ min: 1, max: 65_535 }),
    timeout: fc.integer({ min: 0, max: 100_000 }),
    parallel: fc.integer({ min: 1, max: 64 }),
  }),
  gpu: fc.record({
    backend: fc.constant('cuda' as const),
    devices: fc.constant(['CUDA0']),
    layers: fc.oneof(fc.integer({ min: 0, max: 98 }), fc.constant('all' as const)),
    split: fc.constantFrom('none' as const, 'layer' as const, 'row' as const),
  }),
  args: fc.constantFrom<string[]>([], ['--temp', '0.7'], ['-fa', 'on', '--json-schema', '{"a": "it\'s"}']),
  env: fc.constantFrom<Record<string, string>>({}, { LD_LIBRARY_PATH: '/a b' }),
});

const CARD: LaunchDevice = { id: 'CUDA0', backend: 'cuda', index: 0, uuid: null };

const HELP = new Map([['--timeout', { names: ['--timeout'], takesValue: true, env: null }]]);

/** As a person would type what runs. */
function typed(input: InstanceConfigInput): string {
  const config = instanceConfigSchema.parse(input);
  const spec = resolveSpec(config, {
    modelPath: config.model.path ?? '',
    modelId: null,
    projector: null,
    contextLength: null,
    autoBackend: 'cpu',
    memoryBytes: 0,
    hostMemoryBytes: 0,
  });
  const { file, args, env } = engine.buildCommand(spec, {
    binary: { file: spec.engine.path ?? '', leadingArgs: [], version: '1', flags: HELP, origin: 'config' },
    port: spec.server.port ?? 0,
    key: null,
    threads: Number(spec.model.threads),
    devices: [CARD],
    environment: {},
  });
  const variables = Object.entries(env).filter(([name]) => !name.startsWith('CUDA_'));
  return [...variables.map(([name, value]) => `${name}=${quoted(value)}`), ...[file, ...args].map(quoted)].join(' ');
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

test('a config, built into a command line and imported again, is the same config', () => {
  fc.assert(
    fc.property(explicit, (input) => {
      const imported = instanceConfigSchema.parse(namedConfig(importCommand(typed(input)), input.name));

      const wanted = instanceConfigSchema.parse(input);
      // Which backend it was is not on the command line; everything else is.
      expect({ ...imported, gpu: { ...imported.gpu, backend: 'cuda' } }).toEqual(wanted);
    }),
  );
});
