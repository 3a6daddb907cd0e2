import { expect, test } from 'vitest';

import { makeSpec } from '../../../test/support/make-spec.ts';
import { buildCommand } from './args.ts';
import { parseWorkerOptions } from './worker/options.ts';

const context = {
  binary: { file: '/bin/node', leadingArgs: ['/worker.js'], version: '1', flags: null, origin: 'packaged' },
  port: 8001,
  key: 'secret',
  threads: 1,
  devices: [],
  environment: {},
} as const;

const NO_SECRETS = { key: undefined, callbackToken: undefined };

test('the worker reads back exactly what its command line says', () => {
  const spec = makeSpec({ server: { parallel: 4 } });

  const command = buildCommand(spec, context);
  const options = parseWorkerOptions(command.args.slice(1), {
    key: command.env['DROVER_ENGINE_KEY'],
    callbackToken: undefined,
  });

  expect(command.args[0]).toBe('/worker.js');
  expect(options).toEqual({
    host: '127.0.0.1',
    port: 8001,
    alias: 'qwen',
    model: '/models/qwen.gguf',
    contextSize: 16384,
    batchSize: 512,
    parallel: 4,
    threads: 1,
    backend: 'cpu',
    gpuLayers: 0,
    library: null,
    key: 'secret',
    callback: null,
  });
});

test('the key is not on the command line', () => {
  const command = buildCommand(makeSpec(), context);

  expect([...command.args, ...command.shown].join(' ')).not.toContain('secret');
});

test.each([
  [['--port', '1'], '--model is missing'],
  [['--model', 'm', '--port', 'x'], '--port must be a whole number from 1 to 65535, not "x"'],
  [['--model', 'm', '--port', '1', '--threads', '0'], '--threads must be a whole number'],
])('the command line %j is refused by name', (argv, message) => {
  expect(() => parseWorkerOptions(argv, NO_SECRETS)).toThrow(message);
});

test('an unknown flag is refused', () => {
  expect(() => parseWorkerOptions(['--model', 'm', '--port', '1', '--nonsense', '2'], NO_SECRETS)).toThrow(
    '--nonsense',
  );
});
