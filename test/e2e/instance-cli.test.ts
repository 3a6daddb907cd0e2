/** The commands on instances as a person types them, and as a script reads them. */

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { InstanceDetailView, InstanceView } from '../../src/contract/index.ts';
import { commandsOf, readingCommands } from '../support/commands.ts';
import { freePort, openHouse, ROOT, until } from '../support/house.ts';
import type { House } from '../support/house.ts';

let house: House;
let batchId: string;
let task: string;

beforeAll(async () => {
  house = await openHouse();
  await house.drover('models', 'demo');
  await house.drover('init', 'chat', '-m', 'demo', '--port', String(await freePort()));
  await house.drover('up', 'chat');
  const folder = join(house.home, 'words');
  await house.drover('plan', 'new', folder);
  batchId = (await house.json<{ batch_id: string }>('submit', folder, '--wait')).batch_id;
  task = (await house.json<{ id: string }[]>('task', 'ls', '--batch', batchId))[0]?.id ?? '';
});

afterAll(() => house[Symbol.asyncDispose]());

function configFile(name: string): string {
  return join(house.home, 'instances', name, 'config.json');
}

test('--json parses when piped, on every command that reads', async () => {
  const commands = readingCommands(commandsOf(), { instance: 'chat', batch: batchId, task });

  const ran = await Promise.all(commands.map(async (command) => ({ command, ...(await house.drover(...command)) })));

  expect(commands.length).toBeGreaterThan(15);
  expect(ran.filter(({ code }) => code !== 0)).toEqual([]);
  expect(ran.filter(({ stdout }) => !isJson(stdout))).toEqual([]);
});

test('a command on a dozen instances at once warns of nothing', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `idle-${index}`);
  for (const name of names) {
    mkdirSync(join(house.home, 'instances', name), { recursive: true });
    writeFileSync(configFile(name), JSON.stringify({ name, model: { id: 'demo' } }));
  }

  const { code, stderr } = await house.drover('down', ...names);

  for (const name of names) rmSync(join(house.home, 'instances', name), { recursive: true });
  expect(code).toBe(0);
  expect(stderr).not.toContain('Warning');
});

/** One document, or one a line. */
function isJson(text: string): boolean {
  const parses = (piece: string): boolean => {
    try {
      JSON.parse(piece);
      return true;
    } catch {
      return false;
    }
  };
  return parses(text) || text.trimEnd().split('\n').every(parses);
}

describe('an unknown instance gives exit 3 and the nearest name, not a trace', () => {
  test.each([
    ['up'],
    ['down'],
    ['restart'],
    ['drain'],
    ['adopt'],
    ['describe'],
    ['health'],
    ['logs'],
    ['rm'],
    ['edit'],
  ])('%s', async (command) => {
    const { code, stderr } = await house.drover(command, 'chta');

    expect(code).toBe(3);
    expect(stderr).toContain('error INSTANCE_NOT_FOUND no instance is named "chta"');
    expect(stderr).toContain('did you mean "chat"?');
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe('up tells by its exit code what went wrong', () => {
  test('4 for a config that is invalid, with the file and the path within it', async () => {
    mkdirSync(join(house.home, 'instances', 'wrong'), { recursive: true });
    writeFileSync(configFile('wrong'), '{"name": "wrong", "model": {"id": "demo"}, "servr": {}}');

    const { code, stderr } = await house.drover('up', 'wrong');

    expect(code).toBe(4);
    expect(stderr).toContain('wrong/config.json: servr');
    expect(stderr).toContain('did you mean "server"?');
  });

  test('4 for a file that is no model, and for one that is not there', async () => {
    const file = join(house.home, 'no-model.gguf');
    writeFileSync(file, 'no GGUF at all');
    await house.drover('init', 'nomodel', '-m', file);
    await house.drover('init', 'nofile', '-m', join(house.home, 'nowhere.gguf'));

    expect((await house.drover('up', 'nomodel')).code).toBe(4);
    expect((await house.drover('up', 'nofile')).code).toBe(4);
  });

  test('5 for a port that somebody holds, and who that is', async () => {
    const { port } = (await house.json<InstanceDetailView>('describe', 'chat')).view;
    await house.drover('init', 'second', '-m', 'demo', '--port', String(house.port));

    const { code, stderr } = await house.drover('up', 'second');

    expect(port).not.toBeNull();
    expect(code).toBe(5);
    expect(stderr).toMatch(new RegExp(`PORT_TAKEN.*${house.port}.*${house.pidOf('controller')}`, 's'));
  });

  test('8 for an engine that ends before it is ready, with the end of what it said', async () => {
    const program = join(house.home, 'breaks.sh');
    writeFileSync(program, '#!/bin/sh\necho "no card here" >&2\nexit 3\n');
    chmodSync(program, 0o755);
    const engine = { kind: 'command', path: program };
    await configure('breaks', { engine, model: { id: 'demo' }, restart: { enabled: false } });

    const { code, stderr } = await house.drover('up', 'breaks');

    expect(code).toBe(8);
    expect(stderr).toContain('no card here');
  });

  test('7 for one that is not ready in time, and it goes on', async () => {
    const program = join(house.home, 'sleeps.sh');
    writeFileSync(program, '#!/bin/sh\nexec sleep 600\n');
    chmodSync(program, 0o755);
    await configure('sleeps', { engine: { kind: 'command', path: program }, model: { id: 'demo' } });

    expect((await house.drover('up', 'sleeps', '--timeout', '1')).code).toBe(7);
    expect((await house.drover('down', 'sleeps', '--force')).code).toBe(0);
  });

  test('0 for several, and without waiting', async () => {
    const { code, stdout } = await house.drover('up', 'chat', 'chat', '--no-wait');

    expect(code).toBe(0);
    expect(stdout).toMatch(/^chat is ready on port \d+\n$/);
  });
});

async function configure(name: string, config: object): Promise<void> {
  mkdirSync(join(house.home, 'instances', name), { recursive: true });
  writeFileSync(configFile(name), JSON.stringify({ name, server: { port: await freePort() }, ...config }));
}

test('an instance that lost its config is an orphan; adopt gives it back, and nothing is restarted', async () => {
  await house.drover('clone', 'chat', 'lost');
  await house.drover('up', 'lost');
  const before = await rowOf('lost');
  const config = readFileSync(configFile('lost'), 'utf8');
  rmSync(join(house.home, 'instances', 'lost'), { recursive: true });

  const orphan = await rowOf('lost');
  const { code } = await house.drover('adopt', 'lost');

  expect(orphan).toMatchObject({ orphan: true, reason: expect.stringContaining('drover adopt lost') as string });
  expect(code).toBe(0);
  expect(readFileSync(configFile('lost'), 'utf8')).toBe(config);
  expect(await rowOf('lost')).toMatchObject({ orphan: false, pid: before?.pid, status: 'ready' });
  await house.drover('rm', 'lost');
});

async function rowOf(name: string): Promise<InstanceView | undefined> {
  return (await house.json<InstanceView[]>('ps')).find((row) => row.name === name);
}

test('health exits 0 for the healthy and 1 otherwise', async () => {
  expect((await house.drover('health', 'chat')).code).toBe(0);
  expect((await house.drover('health', '--all')).code).toBe(1);
});

test('describe tells the command, the memory, the checks and the ends of an instance', async () => {
  await house.drover('restart', 'chat');
  await until(async () => (await house.json<InstanceDetailView>('describe', 'chat')).health_history.length > 0);

  const { stdout } = await house.drover('describe', 'chat');

  for (const section of ['Command', 'Memory', 'Health history', 'Restart history', 'Latest facts']) {
    expect(stdout).toContain(`\n${section}\n`);
  }
  expect(stdout).toMatch(/observed: [\d.]+ MiB/);
  expect(stdout).toMatch(/code 0 {2}asked for/);
});

test('an edit that is invalid is asked about on a terminal, and edited again', async () => {
  const editor = join(house.home, 'editor.sh');
  // First a port that is none, then one that is.
  writeFileSync(
    editor,
    `#!/bin/sh
if grep -q '"port": 0' "$1"; then sed -i 's/"port": 0/"port": 28999/' "$1"; else sed -i 's/"port": [0-9]*/"port": 0/' "$1"; fi
`,
  );
  chmodSync(editor, 0o755);
  await house.drover('init', 'edited', '-m', 'demo', '--port', '28998');

  const told = onTerminal(`${process.execPath} ${join(ROOT, 'bin/drover.js')} edit edited`, 'e\n', { EDITOR: editor });

  expect(told).toContain('server.port');
  expect(told).toContain('[e]dit again, [k]eep it as it is, or [r]evert?');
  expect(told).toContain('saved');
  expect(JSON.parse(readFileSync(configFile('edited'), 'utf8'))).toMatchObject({ server: { port: 28999 } });
});

test('ps fits a terminal of 80 columns', () => {
  const told = onTerminal(`stty cols 80; ${process.execPath} ${join(ROOT, 'bin/drover.js')} ps`, '', { NO_COLOR: '1' });

  const lines = told.split('\r\n').filter((line) => line !== '');
  expect(lines[0]).toMatch(/^NAME +STATUS/);
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
});

/** What a command writes in a pseudo-terminal of util-linux's `script`, with something typed. */
function onTerminal(command: string, typed: string, env: Readonly<Record<string, string>>): string {
  return execFileSync('script', ['-qec', command, '/dev/null'], {
    env: { ...house.env, ...env, TERM: 'xterm' },
    input: typed,
    encoding: 'utf8',
  });
}
