import { expect, test } from 'vitest';

import { instanceConfigSchema } from '../../contract/instance-config.ts';
import type { InstanceConfigInput } from '../../contract/instance-config.ts';
import { validateInstance } from './validate-instance.ts';
import type { InstanceChecks } from './validate-instance.ts';

function config(more: Partial<InstanceConfigInput> = {}) {
  return instanceConfigSchema.parse({ name: 'chat', model: { id: 'demo' }, ...more });
}

const CHECKS: InstanceChecks = {
  catalogue: (id) => (id === 'demo' ? '/models/demo.gguf' : null),
  exists: () => false,
  knownModels: () => Promise.resolve(['demo']),
  inspectModel: () => Promise.resolve({ kind: 'gguf', contextLength: 4096 }),
  checkPort: () => Promise.resolve({ kind: 'free' }),
  findEngine: () => Promise.resolve({ kind: 'found', flags: null }),
  logFolderProblem: () => null,
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
    'a projector that is not there',
    { engine: { kind: 'llama-server' as const }, model: { id: 'demo', projector: '/eyes.gguf' } },
    {},
    'MODEL_FILE_MISSING',
    'model.projector',
    'give the path of a .gguf file',
  ],
  [
    'a projector for an engine that takes none',
    { model: { id: 'demo', projector: '/eyes.gguf' } },
    {},
    'CONFIG_INVALID',
    'model.projector',
    'leave it out',
  ],
  ['a port of a neighbour', { server: { port: 8001 } }, {}, 'CONFIG_INVALID', 'server.port', 'give each its own port'],
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
    {
      findEngine: () =>
        Promise.resolve({ kind: 'missing' as const, message: 'no llama-server', hint: 'run "drover engine build"' }),
    },
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

test('raw flags that the program does not know are errors with the near ones', async () => {
  const raw = config({
    engine: { args: ['--treads', '4', '-1'] },
    args: ['--temp=0.7', '--ctx_size', '9', '--json', '-x'],
  });
  const flags = new Map([
    ['--threads', { takesValue: true }],
    ['--temp', { takesValue: true }],
    ['--ctx-size', { takesValue: true }],
    ['--json', { takesValue: true }],
  ]);

  const problems = await validateInstance('f', raw, {
    ...CHECKS,
    findEngine: () => Promise.resolve({ kind: 'found', flags }),
  });

  expect(problems.map(({ path, message, hint }) => [path, message, hint])).toEqual([
    ['engine.args[0]', 'the engine knows no flag "--treads"', 'did you mean "--threads"?'],
    ['args[0]', '"--temp=0.7": the engine wants a flag and its value as two words', 'write "--temp", "0.7"'],
  ]);
});

const VLLM = { kind: 'command' as const, path: 'vllm', args: ['serve', '{model}', '--port', '{port}'] };

test('a command takes a name for its model, and is told that no memory is reserved', async () => {
  const named = config({ engine: VLLM, model: { path: 'Qwen/Qwen3-8B' } });

  const problems = await validateInstance('f', named, {
    ...CHECKS,
    inspectModel: () => Promise.resolve({ kind: 'missing' }),
  });

  expect(problems).toMatchObject([{ path: 'model.path', severity: 'warning' }]);
  expect(problems[0]?.message).toContain('no memory is reserved');
});

test('a command with a place on disk where nothing lies is an error', async () => {
  const placed = config({ engine: VLLM, model: { path: '/models/none' } });

  expect(await validateInstance('f', placed, CHECKS)).toMatchObject([
    { code: 'MODEL_FILE_MISSING', message: 'there is nothing at /models/none' },
  ]);
});

test('a model that only the remote server knows needs no catalogue, no port and no program', async () => {
  const remote = config({
    engine: { kind: 'remote', url: 'https://far/v1' },
    model: { id: 'big' },
    server: { port: 8001 },
  });

  expect(await validateInstance('f', remote, CHECKS)).toEqual([]);
});

test.each([
  ['0.0.0.0', {}, true],
  ['192.168.0.7', {}, true],
  ['127.0.0.1', {}, false],
  ['::1', {}, false],
  ['0.0.0.0', { key_env: 'VLLM_API_KEY' }, false],
  ['0.0.0.0', { args: ['--key={key}'] }, false],
])('a command on %s with %j is refused: %s', async (host, more, refused) => {
  const bound = config({ engine: { ...VLLM, ...more }, server: { host } });

  const problems = await validateInstance('f', bound, CHECKS);

  expect(problems.some(({ path }) => path === 'server.host')).toBe(refused);
});

test('our own engines always have a key, wherever they listen', async () => {
  expect(await validateInstance('f', config({ server: { host: '0.0.0.0' } }), CHECKS)).toEqual([]);
});

test('a log folder that cannot be written is an error', async () => {
  const checks = { ...CHECKS, logFolderProblem: () => 'cannot write logs to /logs: EACCES' };

  expect(await validateInstance('f', config(), checks)).toMatchObject([{ code: 'PERMISSION_DENIED', path: 'logs' }]);
});
