import { expect, test } from 'vitest';

import { makeSpec } from '../../../test/support/make-spec.ts';
import { buildCommand, stopCommand } from './args.ts';
import { servedModel } from './models.ts';

const context = {
  binary: { file: '/bin/vllm', leadingArgs: [], version: 'unknown', flags: null, origin: 'path' },
  port: 8001,
  key: 'secret',
  threads: 1,
  devices: [],
  environment: { PATH: '/usr/bin', LLAMA_ARG_PORT: '1' },
} as const;

const engine = { kind: 'command' as const, path: 'vllm' };

test('placeholders are filled in, other braces are the program’s own, and raw arguments come last', () => {
  const args = ['serve', '{model}', '--bind={host}:{port}', '--served-model-name', '{name}', '{"a": {other}}'];
  const spec = makeSpec({ engine: { ...engine, args }, model: { path: 'Qwen/Qwen3-8B' }, args: ['--seed', '7'] });

  expect(buildCommand(spec, context).args).toEqual([
    'serve',
    'Qwen/Qwen3-8B',
    '--bind=127.0.0.1:8001',
    '--served-model-name',
    'qwen',
    '{"a": {other}}',
    '--seed',
    '7',
  ]);
});

test('the key is handed over in its variable, or where {key} stands, and is shown nowhere', () => {
  const spec = makeSpec({ engine: { ...engine, args: ['--api-key={key}'], keyEnv: 'VLLM_API_KEY' } });

  const { args, env, shown } = buildCommand(spec, context);

  expect(env['VLLM_API_KEY']).toBe('secret');
  expect(args).toEqual(['--api-key=secret']);
  expect(shown).toEqual(['/bin/vllm', '--api-key={key}']);
});

test('the environment is scrubbed, and its cards are chosen as for our own engines', () => {
  const devices = [{ id: 'gpu1', backend: 'rocm', index: 1, uuid: null }] as const;

  const { env } = buildCommand(makeSpec({ engine: { ...engine, args: [] } }), { ...context, devices });

  expect(env).toEqual({ PATH: '/usr/bin', HIP_VISIBLE_DEVICES: '1' });
});

test('a stop command is filled in too, and there is none where none is written', () => {
  const spec = makeSpec({ engine: { ...engine, stopCommand: ['curl', 'http://{host}:{port}/stop'] } });

  expect(stopCommand(spec, context)).toMatchObject({ file: 'curl', args: ['http://127.0.0.1:8001/stop'] });
  expect(stopCommand(makeSpec({ engine }), context)).toBeNull();
});

test.each([
  ['its only model', ['far/model'], 'far/model'],
  ['nothing, when it goes by our name', ['other', 'qwen'], null],
  ['nothing, when it goes by an alias', ['q8'], null],
  ['the one we asked for', ['first', 'Qwen/Qwen3-8B'], 'Qwen/Qwen3-8B'],
  ['nothing, when it lists none', [], null],
])('requests to a server name %s', (_title, listed, expected) => {
  const spec = makeSpec({ engine, model: { path: 'Qwen/Qwen3-8B', aliases: ['q8'] } });

  expect(servedModel(spec, JSON.stringify({ object: 'list', data: listed.map((id) => ({ id })) }))).toBe(expected);
});

test.each([null, 'no json', '[]', '{"data": 1}', '{"data": [null, {"id": 7}]}'])('%s lists no model', (body) => {
  expect(servedModel(makeSpec({ engine }), body)).toBeNull();
});
