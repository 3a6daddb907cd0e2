import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { failing, json, startStandIn } from '../../test/support/cli/controller-stand-in.ts';
import { createTestHome } from '../../test/support/cli/run-command.ts';
import type { TestHome } from '../../test/support/cli/run-command.ts';

let home: TestHome;
beforeEach(async () => {
  home = createTestHome();
  for (const name of ['a', 'b', 'c']) await home.run(['init', name, '-m', 'demo']);
});
afterEach(() => home[Symbol.dispose]());

const autostart = (...argv: string[]) => home.run(['daemon', 'autostart', ...argv]);
const list = (): unknown => JSON.parse(readFileSync(join(home.path, 'autostart.json'), 'utf8'));

function flag(name: string): void {
  const file = join(home.path, 'instances', name, 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...config, autostart: true }));
}

describe('the list', () => {
  test('takes names in their order, each once, and lets go of them', async () => {
    await autostart('add', 'b', 'a');
    const again = await autostart('add', 'a', 'c');

    expect(again).toMatchObject({ code: 0, stdout: 'autostart: b, a, c\n' });
    expect(await autostart('rm', 'a')).toMatchObject({ code: 0, stdout: 'autostart: b, c\n' });
    expect(list()).toEqual({ instances: ['b', 'c'] });
  });

  test('is shown before the configs that ask for it themselves', async () => {
    flag('a');
    await autostart('add', 'c');

    const people = await autostart('ls');
    const machines = await autostart('ls', '--json');

    expect(people.stdout).toBe('NAME  LISTED IN\nc     autostart.json\na     its config\n');
    expect(JSON.parse(machines.stdout)).toEqual([
      { name: 'c', source: 'list' },
      { name: 'a', source: 'config' },
    ]);
  });

  test.each([
    ['an unknown instance', ['add', 'a', 'bb'], 3, 'no instance is named "bb"'],
    ['no instance', ['add'], 2, 'no instance is named'],
    ['one that is not listed', ['rm', 'a'], 3, 'is not in'],
    ['one whose config says so', ['rm', 'b'], 3, 'drover edit b'],
  ])('does not take %s', async (_title, argv, code, told) => {
    flag('b');

    expect(await autostart(...argv)).toMatchObject({ code, stderr: expect.stringContaining(told) as string });
    expect(list).toThrow('ENOENT');
  });

  test.each([
    ['{"instances": "a"}', 'instances: must be an array of names'],
    ['{"instances": ["a", 7]}', 'instances[1]: must be the name of an instance; found 7'],
    ['{"instnces": []}', 'instnces: unknown field'],
    ['{', 'line 1'],
  ])('that reads %s is told with its place', async (text, told) => {
    writeFileSync(join(home.path, 'autostart.json'), text);

    expect(await autostart('ls')).toMatchObject({ code: 4, stderr: expect.stringContaining(told) as string });
    expect(await autostart('add', 'a')).toMatchObject({ code: 4 });
  });

  test('belongs to this machine', async () => {
    expect(await home.run(['-H', 'http://127.0.0.1:9', 'daemon', 'autostart', 'ls'])).toMatchObject({ code: 2 });
  });
});

describe('starting what is listed', () => {
  const READY = { name: 'a', status: 'ready' };

  test('starts all in order and waits', async () => {
    await autostart('add', 'b', 'a');
    await using daemon = await startStandIn(home.path, { 'POST /v2/instances/*': json(READY) });

    expect(await autostart()).toMatchObject({ code: 0, stdout: 'b is ready\na is ready\n' });
    expect(daemon.asked.map(({ path }) => path)).toEqual(['/v2/instances/b/start', '/v2/instances/a/start']);
  });

  test('goes on after one that fails, and ends with 8', async () => {
    await autostart('add', 'b', 'a');
    await using _daemon = await startStandIn(home.path, {
      'POST /v2/instances/b/start': failing('CONFIG_INVALID', 'no good'),
      'POST /v2/instances/a/start': json(READY),
    });

    const run = await autostart();

    expect(run).toMatchObject({ code: 8, stdout: 'a is ready\n' });
    expect(run.stderr).toContain('b: error CONFIG_INVALID no good');
  });

  test('without a daemon ends with 6, and with an empty list says so', async () => {
    expect(await autostart()).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('nothing is listed') as string,
    });
    await autostart('add', 'a');

    expect(await autostart()).toMatchObject({ code: 6 });
  });
});
