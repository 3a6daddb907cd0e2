import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { createTestHome } from '../../test/support/cli/run-command.ts';
import type { TestHome } from '../../test/support/cli/run-command.ts';

let home: TestHome;
beforeEach(() => void (home = createTestHome()));
afterEach(() => home[Symbol.dispose]());

const fileOf = (name: string, file = 'config.json'): string => join(home.path, 'instances', name, file);
const configOf = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(fileOf(name), 'utf8')) as Record<string, unknown>;

describe('drover init --import', () => {
  test('writes what a command line says, with paths from where it was typed', async () => {
    const line = 'A=1 ./llama-server -m ~/q.gguf --ctx-size=4096 -fa on';

    const run = await home.run(['init', 'chat', '--import', line], { env: { HOME: '/home/ann' } });

    expect(run).toMatchObject({ code: 0, stdout: `${fileOf('chat')}\n` });
    expect(run.stderr).toBe('note: kept in "args": -fa on\nnext: drover up chat\n');
    expect(configOf('chat')).toEqual({
      engine: { kind: 'llama-server', path: join(home.path, 'llama-server') },
      model: { path: '/home/ann/q.gguf', context_size: 4096 },
      env: { A: '1' },
      args: ['-fa', 'on'],
      name: 'chat',
      $schema: '../../schemas/instance.schema.json',
    });
  });

  test('takes the name from the alias or the file, and the flags beside it win', async () => {
    await home.run(['init', '--import', 'llama-server -m /m/Qwen_2.5.gguf --port 1', '--port', '8005', '-m', 'demo']);
    await home.run(['init', '--import', 'llama-server -m /m/q.gguf -a coder']);

    expect(configOf('qwen-2-5')).toMatchObject({ model: { id: 'demo' }, server: { port: 8005 } });
    expect(configOf('coder')).toMatchObject({ model: { path: '/m/q.gguf' } });
  });

  test('converts a file of llama-orchestrator', async () => {
    const file = join(home.path, 'old.json');
    writeFileSync(
      file,
      JSON.stringify({ name: 'Old', model: { path: '/m' }, restart_policy: { backoff_multiplier: 3 } }),
    );

    expect(await home.run(['init', '--import', file])).toMatchObject({ code: 0 });
    expect(configOf('old')).toMatchObject({ model: { path: '/m' }, restart: { multiplier: 3 } });
  });

  test.each([
    ['a value that cannot be read', ['x', '--import', 'llama-server -m q -c x'], 2, 'must be a whole number'],
    ['a value out of range', ['x', '--import', 'llama-server -m q -np 65'], 4, 'server.parallel: must be at most 64'],
    ['another program', ['x', '--import', 'ollama serve'], 2, 'no llama-server'],
    ['a file that is not there', ['x', '--import', 'no.json'], 3, 'there is no file'],
    ['a file that is broken', ['x', '--import', 'run/broken.json'], 4, 'line 1'],
    ['a profile beside it', ['x', '--import', 'llama-server -m q', '--profile', 'cpu'], 2, 'not both'],
    ['no name at all', [], 2, 'no name is given'],
  ])('%s ends with its exit code, and nothing is written', async (_title, argv, code, told) => {
    writeFileSync(join(home.path, 'run', 'broken.json'), '{"a" 1}');

    const run = await home.run(['init', ...argv]);

    expect(run).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(told) as string });
    expect(existsSync(join(home.path, 'instances'))).toBe(false);
  });
});

test('init shows the cards of the machine and the profile for them', async () => {
  const env = { DROVER_SIMULATE_RIG: '2x6144' };

  const plain = await home.run(['init', 'chat', '-m', 'demo'], { env });
  const chosen = await home.run(['init', 'coder', '-m', 'demo', '--profile', 'cuda'], { env });

  expect(plain.stderr).toMatch(/^device: sim0 .*\(6\.0 GiB\)\ndevice: sim1 /);
  expect(plain.stderr).toContain('drover init chat --force --profile cuda');
  expect(chosen.stderr).not.toContain('--force');
});

describe('drover clone', () => {
  test('takes all but name and port', async () => {
    await home.run(['init', 'chat', '-m', 'demo', '--port', '8005']);

    const run = await home.run(['clone', 'chat', 'chat-2']);

    expect(run).toMatchObject({ code: 0, stdout: `${fileOf('chat-2')}\n` });
    expect(run.stderr).toContain('port 8005 stays with chat');
    expect(configOf('chat-2')).toMatchObject({ name: 'chat-2', model: { id: 'demo' }, server: {} });
    expect(await home.run(['config', 'lint'])).toMatchObject({ code: 0 });
  });

  test.each([
    ['an unknown instance', ['chatt', 'b'], 3, 'did you mean "chat"?'],
    ['a name that is none', ['chat', 'B!'], 2, 'no name for an instance'],
    ['a name that is taken', ['chat', 'taken'], 5, 'exists'],
    ['an invalid config', ['taken', 'b'], 4, 'modle'],
  ])('of %s is refused', async (_title, argv, code, told) => {
    await home.run(['init', 'chat', '-m', 'demo']);
    mkdirSync(join(home.path, 'instances', 'taken'));
    writeFileSync(fileOf('taken'), '{"name": "taken", "modle": {}, "model": {"id": "x"}}');

    expect(await home.run(['clone', ...argv])).toMatchObject({
      code,
      stderr: expect.stringContaining(told) as string,
    });
  });
});

describe('drover edit', () => {
  /** An editor that runs a script on the file. */
  const editing = (script: string): { env: Record<string, string> } => ({ env: { EDITOR: `sed -i ${script}` } });

  beforeEach(async () => void (await home.run(['init', 'chat', '-m', 'demo'])));

  test('replaces the config by a valid one', async () => {
    const run = await home.run(['edit', 'chat'], editing(`'s/"demo"/"other"/'`));

    expect(run).toMatchObject({ code: 0, stdout: `${fileOf('chat')}: saved\n` });
    expect(configOf('chat')).toMatchObject({ model: { id: 'other' } });
    expect(existsSync(fileOf('chat', 'config.edit.json'))).toBe(false);
  });

  test('without a change says so', async () => {
    const run = await home.run(['edit', 'chat'], { env: { EDITOR: 'true' } });

    expect(run).toMatchObject({ code: 0, stdout: `${fileOf('chat')}: unchanged\n` });
  });

  test('without a terminal reverts what is invalid, tells why, and loses nothing', async () => {
    const run = await home.run(['edit', 'chat'], editing(`'s/"model"/"modle"/'`));

    expect(run).toMatchObject({ code: 4, stdout: '' });
    expect(run.stderr).toContain('did you mean "model"?');
    expect(configOf('chat')).toMatchObject({ model: { id: 'demo' } });
    expect(readFileSync(fileOf('chat', 'config.rejected.json'), 'utf8')).toContain('modle');
  });

  test.each([
    ['an editor that fails', ['chat'], 'false', 2, 'ended with 1'],
    ['an editor that is not there', ['chat'], 'no-such-editor', 2, 'ended with 127'],
    ['an unknown instance', ['chatt'], 'true', 3, 'did you mean "chat"?'],
  ])('with %s changes nothing', async (_title, argv, editor, code, told) => {
    const run = await home.run(['edit', ...argv], { env: { VISUAL: editor } });

    expect(run).toMatchObject({ code, stderr: expect.stringContaining(told) as string });
    expect(configOf('chat')).toMatchObject({ model: { id: 'demo' } });
  });
});
