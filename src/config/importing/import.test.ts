import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { AppError } from '../../contract/errors.ts';
import { importCommand } from './import-command.ts';
import { importOrchestratorConfig } from './import-orchestrator.ts';
import { parseInstanceConfig } from '../instances/instance-config.ts';
import { splitShellWords } from './shell-words.ts';

/** A refusal is an error of ours; any other goes through and fails the test. */
function outcomeOf(read: () => unknown): 'read' | 'refused' {
  try {
    read();
    return 'read';
  } catch (error) {
    if (error instanceof AppError) return 'refused';
    throw error;
  }
}

describe('words of a command line', () => {
  test.each([
    ['a b  c', ['a', 'b', 'c']],
    [`a 'b c' "d e"`, ['a', 'b c', 'd e']],
    [`pre'fix'"ed"`, ['prefixed']],
    [`a\\ b "x\\"y" "p\\q" 'r\\s'`, ['a b', 'x"y', 'p\\q', 'r\\s']],
    ['a \\\n  b\n', ['a', 'b']],
    [`'' ""`, ['', '']],
    [`'$HOME' 5$`, ['$HOME', '5$']],
    ['', []],
  ])('%j', (line, words) => {
    expect(splitShellWords(line)).toEqual({ kind: 'words', words });
  });

  test.each([
    [`a 'b`, "has no closing '"],
    ['a "b', 'has no closing "'],
    ['a\\', 'ends with a backslash'],
    ['a $HOME/b', 'has a variable or a command at "$H"; write its value'],
    ['a "$(b)"', 'has a variable or a command at "$("; write its value'],
    ['a | b', 'has a "|", which only a shell understands'],
    ['a > b', 'has a ">", which only a shell understands'],
  ])('%j cannot be read', (line, problem) => {
    expect(splitShellWords(line)).toEqual({ kind: 'problem', problem });
  });

  test('words in single quotes come back as they are', () => {
    const word = fc.string().map((text) => text.replaceAll("'", ''));
    fc.assert(
      fc.property(fc.array(word), (words) => {
        expect(splitShellWords(words.map((each) => `'${each}'`).join(' '))).toEqual({ kind: 'words', words });
      }),
    );
  });
});

describe('a llama-server command line', () => {
  test('in short flags becomes fields', () => {
    const { config } = importCommand(
      'llama-server -m /m/q.gguf -c 8192 -b 1024 -t 8 -a qwen,q -np 2 -to 300 -ngl 99 -sm layer -dev CUDA0,CUDA1 --port 8005',
    );

    expect(config).toEqual({
      engine: { kind: 'llama-server' },
      model: { path: '/m/q.gguf', context_size: 4096, batch_size: 1024, threads: 8, alias: ['qwen', 'q'] },
      server: { parallel: 2, timeout: 300, port: 8005 },
      gpu: { layers: 'all', split: 'layer', devices: ['CUDA0', 'CUDA1'] },
    });
  });

  test('in long flags, with = and with blanks, becomes the same', () => {
    const short = importCommand('llama-server -m q.gguf -c 4096 -ngl 20 -np 1');
    const long = importCommand('llama-server --model=q.gguf --ctx-size 4096 --n-gpu-layers=20 --parallel 1');

    expect(long).toEqual(short);
  });

  test('keeps its environment, its program, and every other flag word by word', () => {
    const { config, notes } = importCommand(
      `env CUDA_VISIBLE_DEVICES=0,1 NOTE='a b' /opt/llama/llama-server -m "/m/my model.gguf" -fa on --temp=0.7 --chat-template-kwargs '{"a": 1}' --host 0.0.0.0 --api-key=k --metrics`,
    );

    expect(config).toEqual({
      engine: { kind: 'llama-server', path: '/opt/llama/llama-server' },
      model: { path: '/m/my model.gguf' },
      server: { host: '0.0.0.0', key: 'k' },
      env: { CUDA_VISIBLE_DEVICES: '0,1', NOTE: 'a b' },
      args: ['-fa', 'on', '--temp', '0.7', '--chat-template-kwargs', '{"a": 1}'],
    });
    expect(notes).toEqual([
      '--metrics is left out: it is always given',
      'kept in "args": -fa on --temp 0.7 --chat-template-kwargs {"a": 1}',
    ]);
  });

  test('gives its LLAMA_ARG_ variables to the same fields, and a flag wins over its variable', () => {
    const { config } = importCommand(
      'nohup env CUDA_VISIBLE_DEVICES=1 LLAMA_ARG_CTX_SIZE=8192 LLAMA_ARG_N_PARALLEL=2 LLAMA_ARG_MODEL=/m/q.gguf ' +
        'LLAMA_ARG_PORT=8009 LLAMA_API_KEY=k LLAMA_ARG_CACHE_TYPE_K=q8_0 LLAMA_ARG_FIT=off llama-server --port 8010',
    );

    expect(config).toEqual({
      engine: { kind: 'llama-server' },
      model: { path: '/m/q.gguf', context_size: 4096 },
      server: { port: 8010, parallel: 2, key: 'k' },
      env: { CUDA_VISIBLE_DEVICES: '1', LLAMA_ARG_CACHE_TYPE_K: 'q8_0' },
    });
  });

  test('over several lines is one command', () => {
    const { config } = importCommand('LLAMA_ARG_THREADS=4 \\\n  ./llama-server \\\n  -m "q 1.gguf" \\\n  -ngl 0\n');

    expect(config).toEqual({
      engine: { kind: 'llama-server', path: './llama-server' },
      model: { path: 'q 1.gguf', threads: 4 },
      gpu: { layers: 0 },
    });
  });

  test('keeps a fit that is not off, and a split that we do not know', () => {
    const { config } = importCommand('llama-server -m q.gguf --fit on -sm tensor --no-webui --slots');

    expect(config.args).toEqual(['--fit', 'on', '-sm', 'tensor']);
  });

  test.each([
    ['-t -1 -c 0 -ngl auto -dev none', { model: { threads: 'auto' }, gpu: { layers: 'auto', backend: 'cpu' } }],
    ['-ngl 0 -sm tensor', { gpu: { layers: 0 }, args: ['-sm', 'tensor'] }],
  ])('understands %s', (flags, expected) => {
    expect(importCommand(`llama-server -m q.gguf ${flags}`).config).toMatchObject(expected);
  });

  test.each([
    ['', 'the command line names no program'],
    ['A=1', 'the command line names no program'],
    ['-m q.gguf', 'the command line begins with the flag -m, not with a program'],
    ['vllm serve q', '"vllm" is no llama-server'],
    ['llama-server --port 1', 'the command line names no model'],
    ['llama-server -m', '-m has no value'],
    ['llama-server -m --port 1', '-m has no value'],
    ['llama-server -m q.gguf -c many', '-c must be a whole number, not "many"'],
    ['llama-server -m q.gguf --port=', '--port must be a whole number, not ""'],
    ['llama-server -m q.gguf -ngl most', '-ngl must be a whole number, not "most"'],
    ['llama-server -hf org/model', '-hf names a model that is not a file'],
    ['llama-server --hf-repo=org/model', '--hf-repo names a model that is not a file'],
    ['LLAMA_ARG_HF_REPO=o/m llama-server', 'LLAMA_ARG_HF_REPO names a model that is not a file'],
    ['LLAMA_ARG_PORT=x llama-server', 'LLAMA_ARG_PORT must be a whole number, not "x"'],
    ['llama-server -m $MODEL', 'the command line has a variable or a command at "$M"; write its value'],
  ])('%j is refused', (line, message) => {
    expect(() => importCommand(line)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST', message }) as Error);
  });

  test('of any kind is read or refused, never more', () => {
    const part = fc.oneof(
      fc.constantFrom('llama-server', '-m', '--model=x', '-c', '-ngl', '8', '=', "'", '"', '\\', 'A=1', '--port'),
      fc.string({ maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        expect(['read', 'refused']).toContain(outcomeOf(() => importCommand(parts.join(' '))));
      }),
    );
  });
});

const THEIRS = {
  name: 'gpt-oss',
  model: { path: '../models/m.gguf', context_size: 4096, batch_size: 512, threads: 16 },
  server: { host: '127.0.0.1', port: 8001, timeout: 600, parallel: 4 },
  gpu: { backend: 'Vulkan', device_id: 1, layers: 20 },
  env: { GGML_VULKAN_DEVICE: '1' },
  args: ['-fa', 'on'],
  healthcheck: { path: '/health', interval: 10, timeout: 5, retries: 3, start_period: 60 },
  restart_policy: { enabled: true, max_retries: 5, backoff_multiplier: 2.0, initial_delay: 1.5, max_delay: 60 },
  logs: { stdout: 'a.log', stderr: 'b.log' },
};

describe('a config of llama-orchestrator', () => {
  test('is converted field by field, and what has no counterpart is told', () => {
    const { config, notes } = importOrchestratorConfig('c.json', THEIRS);

    expect(config).toEqual({
      engine: { kind: 'llama-server' },
      model: THEIRS.model,
      server: THEIRS.server,
      gpu: { backend: 'vulkan', devices: ['gpu1'], layers: 20 },
      env: THEIRS.env,
      args: THEIRS.args,
      healthcheck: THEIRS.healthcheck,
      restart: { enabled: true, max_retries: 5, multiplier: 2, initial_delay: 1.5, max_delay: 60 },
    });
    expect(notes).toEqual([
      'logs.stdout has no counterpart and is left out',
      'logs.stderr has no counterpart and is left out',
    ]);
  });

  test('is a config of ours afterwards', () => {
    const { config } = importOrchestratorConfig('c.json', THEIRS);

    expect(parseInstanceConfig('c.json', Buffer.from(JSON.stringify({ ...config, name: 'x' })))).toMatchObject({
      kind: 'ok',
    });
  });

  test.each([
    [{ gpu: { device_id: -1, layers: -1 } }, { gpu: { layers: 'all' } }],
    [{ model: { path: 'm', threads: 0 } }, { model: { path: 'm', threads: 'auto' } }],
    [{ gpu: { backend: 'HIP', device_id: 'Vulkan1' } }, { gpu: { backend: 'rocm', devices: ['Vulkan1'] } }],
  ])('reads %j', (theirs, ours) => {
    expect(importOrchestratorConfig('c.json', { model: { path: 'm' }, ...theirs }).config).toMatchObject(ours);
  });

  test.each([
    [{ model: { path: 'm', contxt_size: 1 } }, 'c.json: model.contxt_size: unknown field'],
    [{ model: { path: 'm' }, restart: {} }, 'c.json: restart: unknown field'],
    [{ model: { path: 'm' }, gpu: { device_id: 1.5 } }, 'c.json: gpu.device_id: cannot be converted: 1.5'],
    [{ model: { path: 'm' }, gpu: 7 }, 'c.json: gpu: must be an object'],
    [{ model: { path: 'm' }, args: ['a', 1] }, 'c.json: args: cannot be converted: ["a",1]'],
    [{ model: {} }, 'c.json: model.path: missing'],
    [{}, 'c.json: model.path: missing'],
  ])('%j is refused with its place', (theirs, message) => {
    const refused = { code: 'CONFIG_INVALID', message };

    expect(() => importOrchestratorConfig('c.json', theirs)).toThrow(expect.objectContaining(refused) as Error);
  });

  test('with a field that is nearly one is told which', () => {
    const hint = expect.stringContaining('did you mean "model.context_size"') as string;

    expect(() => importOrchestratorConfig('c.json', { model: { path: 'm', contxt_size: 1 } })).toThrow(
      expect.objectContaining({ hint }) as Error,
    );
  });

  test('of any JSON is converted or refused, never more', () => {
    const keys = fc.constantFrom('name', 'model', 'gpu', 'args', 'env', 'restart_policy', '__proto__', 'constructor');
    fc.assert(
      fc.property(fc.dictionary(keys, fc.jsonValue()), (value) => {
        expect(['read', 'refused']).toContain(outcomeOf(() => importOrchestratorConfig('c.json', value)));
      }),
    );
  });
});
