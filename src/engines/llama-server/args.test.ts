import { expect, test } from 'vitest';

import { makeSpec } from '../../../test/support/make-spec.ts';
import type { LaunchContext } from '../engine.ts';
import { buildCommand } from './args.ts';
import { flagsByName, parseHelp } from './help.ts';

const FLAGS = flagsByName(parseHelp('--fit X   fit'));

function launch(overrides: Partial<LaunchContext> = {}): LaunchContext {
  return {
    binary: { file: '/bin/llama-server', leadingArgs: [], version: '1', flags: FLAGS, origin: 'path' },
    port: 8001,
    key: 'secret',
    threads: 3,
    devices: [],
    environment: { PATH: '/usr/bin' },
    ...overrides,
  };
}

/** The value after a flag. */
function valueOf(args: readonly string[], flag: string): string | undefined {
  return args[args.lastIndexOf(flag) + 1];
}

test('every setting that llama-server would otherwise guess is explicit', () => {
  const { args } = buildCommand(makeSpec(), launch());

  expect(args.slice(0, 8)).toEqual([
    '--host',
    '127.0.0.1',
    '--port',
    '8001',
    '--alias',
    'qwen',
    '--model',
    '/models/qwen.gguf',
  ]);
  expect(valueOf(args, '--threads')).toBe('3');
  expect(valueOf(args, '--device')).toBe('none');
});

test('the model has its name in the catalogue, which answers then bear; the instance lends its own to one without', () => {
  const known = makeSpec({ name: 'qwen-2', model: { id: 'qwen' } });

  expect(valueOf(buildCommand(known, launch()).args, '--alias')).toBe('qwen');
  expect(valueOf(buildCommand(makeSpec({ name: 'qwen-2' }), launch()).args, '--alias')).toBe('qwen-2');
});

test('the context of all slots is given, since llama-server divides it', () => {
  const spec = makeSpec({ server: { parallel: 4 } });

  const { args } = buildCommand(spec, launch());

  expect(valueOf(args, '--ctx-size')).toBe('16384');
});

test('a model that sees is given its projector, and no other', () => {
  const seeing = makeSpec({ model: { projector: '/models/mmproj.gguf' } });

  expect(valueOf(buildCommand(seeing, launch()).args, '--mmproj')).toBe('/models/mmproj.gguf');
  expect(buildCommand(makeSpec(), launch()).args).not.toContain('--mmproj');
});

test('a zero is a value, not an absence', () => {
  const spec = makeSpec({ gpu: { backend: 'cuda', devices: ['gpu0'], layers: 0 } });
  const device = { id: 'gpu0', backend: 'cuda', index: 0, uuid: 'GPU-1' } as const;

  const { args } = buildCommand(spec, launch({ devices: [device] }));

  expect(valueOf(args, '--gpu-layers')).toBe('0');
});

test('raw arguments come last, so that they win', () => {
  const spec = makeSpec({
    engine: { args: ['--threads', '7'] },
    args: ['--ctx-size', '99'],
  });

  const { args } = buildCommand(spec, launch());

  expect(args.slice(-4)).toEqual(['--threads', '7', '--ctx-size', '99']);
});

test('flags that the binary does not know are left out', () => {
  const binary = { ...launch().binary, flags: new Map() };

  const { args } = buildCommand(makeSpec(), launch({ binary }));

  expect(args).not.toContain('--fit');
  expect(buildCommand(makeSpec(), launch()).args).toContain('--fit');
});

test('the key is in the environment and nowhere else', () => {
  const command = buildCommand(makeSpec(), launch());

  expect(command.env['LLAMA_API_KEY']).toBe('secret');
  expect(command.args.join(' ')).not.toContain('secret');
  expect(command.shown.join(' ')).not.toContain('secret');
});

test('inherited LLAMA_ARG_* are scrubbed, and the own env of the spec is merged last', () => {
  const environment = { LLAMA_ARG_PORT: '1', LLAMA_API_KEY: 'old', HOME: '/root' };
  const spec = makeSpec({ env: { LLAMA_ARG_MLOCK: '1', HOME: '/else' } });

  const { env } = buildCommand(spec, launch({ environment, key: null }));

  expect(env).toEqual({ HOME: '/else', LLAMA_ARG_MLOCK: '1' });
});

test('CUDA devices are shown by UUID and then counted from zero', () => {
  const devices = [{ id: 'gpu3', backend: 'cuda', index: 3, uuid: 'GPU-abc' }] as const;
  const spec = makeSpec({ gpu: { backend: 'cuda', devices: ['gpu3'], layers: 'all' } });

  const { args, env, shown } = buildCommand(spec, launch({ devices }));

  expect(env['CUDA_VISIBLE_DEVICES']).toBe('GPU-abc');
  expect(valueOf(args, '--device')).toBe('CUDA0');
  expect(shown.slice(0, 2)).toEqual(['CUDA_VISIBLE_DEVICES=GPU-abc', '/bin/llama-server']);
});
