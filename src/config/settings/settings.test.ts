import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { settingToText } from './edit-settings.ts';
import { homeFromEnvironment, homePaths, socketPath } from '../paths.ts';
import { loadSettings } from './load-settings.ts';

let home: string;
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'drover-settings-'))));
afterEach(() => rmSync(home, { recursive: true }));

function settingsFile(value: unknown): void {
  writeFileSync(homePaths(home).configFile, JSON.stringify(value));
}

describe('a setting comes from the strongest of its sources', () => {
  test('the default, where nobody says otherwise', () => {
    const result = loadSettings({ home, env: {} });

    expect(result).toMatchObject({
      kind: 'loaded',
      settings: { port: 8080, bind: '127.0.0.1', logLevel: 'info', databaseUrl: `sqlite:${home}/store.db` },
      origins: { port: 'default' },
    });
  });

  test('the file over the default', () => {
    settingsFile({ port: 9000 });

    expect(loadSettings({ home, env: {} })).toMatchObject({ settings: { port: 9000 }, origins: { port: 'file' } });
  });

  test('the environment over the file, an empty variable not', () => {
    settingsFile({ port: 9000, log_level: 'warn' });

    expect(loadSettings({ home, env: { DROVER_PORT: '9100', DROVER_LOG_LEVEL: '' } })).toMatchObject({
      settings: { port: 9100, logLevel: 'warn' },
      origins: { port: 'environment', logLevel: 'file' },
    });
  });

  test('the flag over all', () => {
    expect(loadSettings({ home, env: { DROVER_PORT: '9100' }, flags: { port: '9200' } })).toMatchObject({
      settings: { port: 9200 },
      origins: { port: 'flag' },
    });
  });
});

describe('a wrong setting is told with its place', () => {
  test.each([
    [
      'a port out of range',
      { DROVER_PORT: '99999' },
      'DROVER_PORT',
      'must be a whole number from 0 to 65535, not "99999"',
    ],
    ['a port in words', { DROVER_PORT: 'http' }, 'DROVER_PORT', 'must be a whole number from 0 to 65535, not "http"'],
    [
      'a level there is not',
      { DROVER_LOG_LEVEL: 'loud' },
      'DROVER_LOG_LEVEL',
      expect.stringContaining('must be one of'),
    ],
    ['a name for an address', { DROVER_BIND: 'example' }, 'DROVER_BIND', expect.stringContaining('127.0.0.1')],
    [
      'an odd database',
      { DROVER_DATABASE_URL: 'mysql://x' },
      'DROVER_DATABASE_URL',
      expect.stringContaining('sqlite:'),
    ],
    ['an odd rig', { DROVER_SIMULATE_RIG: 'many' }, 'DROVER_SIMULATE_RIG', expect.stringContaining('5x6144')],
    ['an odd truth', { DROVER_AUTOSTART: 'maybe' }, 'DROVER_AUTOSTART', expect.stringContaining('true or false')],
  ])('%s', (_title, env, path, message) => {
    expect(loadSettings({ home, env })).toMatchObject({ kind: 'invalid', problems: [{ path, message }] });
  });

  test.each([
    ['all', null],
    ['cuda0, cpu', ['cuda0', 'cpu']],
    [['cuda0'], ['cuda0']],
  ])('devices given as %j are read', (given, read) => {
    settingsFile({ devices: given });

    expect(loadSettings({ home, env: {} })).toMatchObject({ settings: { devices: read } });
  });

  test.each([[7], [''], ['cuda0,,cpu'], [[1]]])('devices given as %j are refused', (given) => {
    settingsFile({ devices: given });

    expect(loadSettings({ home, env: {} })).toMatchObject({ kind: 'invalid', problems: [{ path: 'devices' }] });
  });

  test('an unknown key names the near one', () => {
    settingsFile({ prot: 1 });

    expect(loadSettings({ home, env: {} })).toMatchObject({
      kind: 'invalid',
      problems: [{ file: join(home, 'config.json'), path: 'prot', hint: 'did you mean "port"?' }],
    });
  });

  test('a broken file is told with line and column', () => {
    writeFileSync(homePaths(home).configFile, '{\n"port": }');

    expect(loadSettings({ home, env: {} })).toMatchObject({
      kind: 'invalid',
      problems: [{ message: expect.stringContaining('line 2, column 9') as string }],
    });
  });
});

describe('paths', () => {
  test('an empty DROVER_HOME counts as unset', () => {
    expect(homeFromEnvironment({ DROVER_HOME: '', HOME: '/home/ann' })).toBe('/home/ann/.drover');
    expect(homeFromEnvironment({ DROVER_HOME: '/srv/drover/', HOME: '/home/ann' })).toBe('/srv/drover');
  });

  test('the socket lies in the home, or under a short name where the home is deep', () => {
    const deep = `/srv/${'deep/'.repeat(30)}home`;

    expect(socketPath('/srv/drover')).toBe('/srv/drover/run/drover.sock');
    expect(socketPath(deep, '/tmp')).toMatch(/^\/tmp\/drover-\d+\/[0-9a-f]{16}\.sock$/);
    expect(socketPath(deep, `/${'t'.repeat(100)}`)).toMatch(/^\/tmp\/drover-\d+\/[0-9a-f]{16}\.sock$/);
    expect(socketPath(`${deep}2`, '/tmp')).not.toBe(socketPath(deep, '/tmp'));
  });
});

describe("the brain's model", () => {
  const brainOf = (value: unknown): unknown => {
    settingsFile({ brain: value });
    const result = loadSettings({ home, env: {} });
    return result.kind === 'loaded' ? result.settings.brain : result.problems[0]?.message;
  };

  test('is named alone, or with its cards and its context', () => {
    const whole = { model: 'qwen', devices: ['gpu0', 'gpu1'], context: 8192 };

    expect(brainOf('qwen')).toEqual({ model: 'qwen', devices: null, context: null });
    expect(brainOf(whole)).toEqual(whole);
    expect(brainOf('model=qwen,devices=gpu0+gpu1,context=8192')).toEqual(whole);
    expect(brainOf('off')).toBeNull();
  });

  test.each([
    [{ devices: ['gpu0'] }],
    [{ model: 'qwen', card: 'gpu0' }],
    [{ model: 'qwen', context: 3 }],
    [{ model: 'qwen', devices: [] }],
    [7],
  ])('is refused as %j', (value) => {
    expect(brainOf(value)).toMatch(/^must be a model, /);
  });

  test('is shown as it can be set again', () => {
    const value = { model: 'qwen', devices: ['gpu0', 'gpu1'], context: null };

    expect(settingToText('brain', value)).toBe('model=qwen,devices=gpu0+gpu1');
    expect(settingToText('brain', null)).toBe('-');
  });
});
