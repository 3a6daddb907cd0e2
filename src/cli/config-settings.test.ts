import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { createTestHome } from '../../test/support/cli/run-command.ts';
import type { TestHome } from '../../test/support/cli/run-command.ts';
import { identifyProcess } from '../kernel/index.ts';

let home: TestHome;
beforeEach(() => void (home = createTestHome()));
afterEach(() => home[Symbol.dispose]());

const settings = (): unknown => JSON.parse(readFileSync(join(home.path, 'config.json'), 'utf8'));

describe('drover config set', () => {
  test('writes one value and keeps the rest of the file', async () => {
    writeFileSync(join(home.path, 'config.json'), '{"$schema": "s.json", "log_level": "warn"}');

    const run = await home.run(['config', 'set', 'port', '9000']);

    expect(run).toEqual({ code: 0, stdout: 'port = 9000\n', stderr: '' });
    expect(settings()).toEqual({ $schema: 's.json', log_level: 'warn', port: 9000 });
  });

  test.each([
    ['queue_timeout', '2m', '2m', '2m'],
    ['queue_timeout', '90', 90, '90s'],
    ['first_byte_timeout', '1500ms', '1500ms', '1500ms'],
    ['autostart', 'no', false, 'false'],
    ['simulate_rig', '5x6144', '5x6144', '5x6144'],
    ['device_aliases', 'big=gpu0, old=GPU-1', 'big=gpu0, old=GPU-1', 'big=gpu0,old=GPU-1'],
    ['devices', 'gpu0, cpu', 'gpu0, cpu', 'gpu0,cpu'],
    ['ephemeral_idle_ttl', '15m', '15m', '15m'],
  ])('%s to %s is held as %j and got as %s', async (key, text, held, got) => {
    await home.run(['config', 'set', key, text]);

    const read = await home.run(['config', 'get', key], { env: { DROVER_AUTOSTART: '' } });

    expect(settings()).toEqual({ $schema: 'schemas/daemon.schema.json', [key]: held });
    expect(read).toEqual({ code: 0, stdout: `${got}\n`, stderr: '' });
  });

  test('unset takes it out again: the default counts, and the rest of the file stays', async () => {
    writeFileSync(join(home.path, 'config.json'), '{"$schema": "s.json", "log_level": "warn", "queue_timeout": "2m"}');

    const run = await home.run(['config', 'unset', 'queue_timeout', '--json']);
    const again = await home.run(['config', 'unset', 'queue_timeout']);

    expect(JSON.parse(run.stdout)).toEqual({ key: 'queue_timeout', value: '5m', applied: false, needs_restart: false });
    expect(again).toEqual({ code: 0, stdout: 'queue_timeout = 5m\n', stderr: '' });
    expect(settings()).toEqual({ $schema: 's.json', log_level: 'warn' });
  });

  test('says that a running daemon needs a restart', async () => {
    writeFileSync(join(home.path, 'run', 'controller.lock'), JSON.stringify(identifyProcess(process.pid)));

    const people = await home.run(['config', 'set', 'port', '9000']);
    const machines = await home.run(['config', 'set', 'port', '9001', '--json']);
    const live = await home.run(['config', 'set', 'autostart', 'off'], { env: { DROVER_AUTOSTART: '' } });

    expect(people.stdout).toBe('port = 9000  (needs restart)\n');
    expect(people.stderr).toContain('drover daemon restart');
    expect(JSON.parse(machines.stdout)).toEqual({ key: 'port', value: 9001, applied: false, needs_restart: true });
    expect(live).toEqual({ code: 0, stdout: 'autostart = false\n', stderr: '' });
  });

  test('warns when the brain is to run on a device that is not there, and keeps the setting', async () => {
    const wrong = await home.run(['config', 'set', 'brain', 'model=demo,devices=nope']);
    const lint = await home.run(['config', 'lint']);
    const right = await home.run(['config', 'set', 'brain', 'model=demo,devices=cpu']);

    expect(wrong).toMatchObject({ code: 0, stderr: expect.stringContaining('there is no device "nope"; there are ') });
    expect(lint).toMatchObject({ code: 0, stdout: expect.stringMatching(/warning .* brain .*"nope"/) });
    expect(right).toMatchObject({ code: 0, stderr: '' });
  });

  test('warns of the variable that overrides it', async () => {
    const run = await home.run(['config', 'set', 'port', '9000'], { env: { DROVER_PORT: '9100' } });

    expect(run).toMatchObject({ code: 0, stderr: 'warning: DROVER_PORT overrides it here\n' });
  });

  test.each([
    ['an unknown key', ['prot', '1'], 2, 'did you mean "port"?'],
    ['a value out of range', ['port', '99999'], 2, 'must be a whole number from 0 to 65535'],
    ['a value in words', ['queue_timeout', 'soon'], 2, 'must be a duration'],
    ['a name for an address', ['bind', 'example'], 2, 'must be an address of this machine'],
  ])('%s is refused and nothing is written', async (_title, argv, code, told) => {
    const run = await home.run(['config', 'set', ...argv]);

    expect(run).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(told) as string });
    expect(settings).toThrow('ENOENT');
  });

  test('a broken file is left as it is', async () => {
    writeFileSync(join(home.path, 'config.json'), '{"port": }');

    const run = await home.run(['config', 'set', 'port', '9000']);

    expect(run).toMatchObject({ code: 4, stderr: expect.stringContaining('line 1, column 10') as string });
    expect(readFileSync(join(home.path, 'config.json'), 'utf8')).toBe('{"port": }');
  });
});

describe('drover config get', () => {
  test('prints value and origin as JSON', async () => {
    const run = await home.run(['config', 'get', 'port', '--json'], { env: { DROVER_PORT: '9000' } });

    expect(JSON.parse(run.stdout)).toEqual({ key: 'port', value: 9000, origin: 'environment' });
  });

  test('of an unknown key names the near one', async () => {
    const run = await home.run(['config', 'get', 'bnid']);

    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean "bind"?') as string });
  });

  test('of broken settings says where', async () => {
    writeFileSync(join(home.path, 'config.json'), '{"prot": 1}');

    const run = await home.run(['config', 'get', 'port']);

    expect(run).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('config.json: prot: unknown setting') as string,
    });
  });
});
