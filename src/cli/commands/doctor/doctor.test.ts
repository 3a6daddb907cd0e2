/** `drover doctor` finds what was planted, names what mends it, and starts nothing. */

import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { createTestHome } from '../../../../test/support/cli/run-command.ts';
import type { CommandRun, TestHome } from '../../../../test/support/cli/run-command.ts';
import type { Finding } from './finding.ts';

const FREE = { DROVER_PORT: '0' };

const doctor = (home: TestHome, env: Record<string, string> = {}): Promise<CommandRun> =>
  home.run(['doctor', '--json'], { env: { ...FREE, ...env } });

async function findings(home: TestHome, env: Record<string, string> = {}): Promise<readonly Finding[]> {
  const { stdout } = await doctor(home, env);
  return (JSON.parse(stdout) as { findings: Finding[] }).findings;
}

const plants: readonly [what: string, check: string, mend: string, plant: (home: string) => void][] = [
  ['a broken config', 'config', 'config.json', (home) => writeFileSync(join(home, 'config.json'), '{"port": "x"')],
  ['an unknown setting', 'config', 'config.json', (home) => writeFileSync(join(home, 'config.json'), '{"prot": 1}')],
  [
    'a broken instance config',
    'config',
    'drover edit chat',
    (home) => {
      mkdirSync(join(home, 'instances/chat'), { recursive: true });
      writeFileSync(join(home, 'instances/chat/config.json'), '{"name": "chat", "modle": {}}');
    },
  ],
  [
    'a policy that is none',
    'policy',
    'policies/worker.json',
    (home) => {
      mkdirSync(join(home, 'policies'));
      writeFileSync(join(home, 'policies/worker.json'), '{"mode": "lax"}');
    },
  ],
  [
    'a brain on a device that is not there',
    'brain',
    'drover config set brain',
    (home) => writeFileSync(join(home, 'config.json'), '{"brain": "model=demo,devices=nope"}'),
  ],
  [
    'secrets that others can read',
    'secrets',
    'chmod 600',
    (home) => {
      writeFileSync(join(home, 'secrets.env'), 'A=secret');
      chmodSync(join(home, 'secrets.env'), 0o644);
    },
  ],
  ['a damaged store', 'store', 'store.db', (home) => writeFileSync(join(home, 'store.db'), 'garbage')],
  [
    'a clock that was set back',
    'clock',
    '',
    (home) => {
      writeFileSync(join(home, 'store.db'), '');
      utimesSync(join(home, 'store.db'), 4_000_000_000, 4_000_000_000);
    },
  ],
];

describe('doctor', () => {
  test('finds nothing wrong with a plain machine, and starts no daemon', { timeout: 60_000 }, async () => {
    using home = createTestHome();

    const { code, stdout } = await home.run(['doctor'], { env: FREE });

    expect(stdout).toContain('nothing is wrong');
    expect(code).toBe(0);
    expect(existsSync(join(home.path, 'run/controller.lock'))).toBe(false);
  });

  test.each(plants)('finds %s', async (_what, check, mend, plant) => {
    using home = createTestHome();
    plant(home.path);

    const { code, stdout } = await doctor(home);
    const found = (JSON.parse(stdout) as { ok: boolean; findings: Finding[] }).findings;

    expect(code).toBe(1);
    for (const { mend: line } of found) expect(() => execFileSync('bash', ['-n', '-c', line ?? ''])).not.toThrow();
    expect(found.filter(({ status }) => status === 'problem')).toEqual(
      expect.arrayContaining([expect.objectContaining({ check, mend: expect.stringContaining(mend) })]),
    );
  });

  test('finds a front door that is taken', async () => {
    using home = createTestHome();
    const server = createServer();
    await new Promise<void>((ready) => void server.listen(0, '127.0.0.1', ready));
    const { port } = server.address() as AddressInfo;

    const found = await findings(home, { DROVER_PORT: String(port) });
    server.close();

    expect(found).toContainEqual(
      expect.objectContaining({
        check: 'port',
        status: 'problem',
        message: expect.stringContaining(String(process.pid)),
        mend: expect.stringMatching(/^export DROVER_PORT=\d+$/),
      }),
    );
  });

  test('finds a front door beyond this machine that did not open for want of a key', async () => {
    using home = createTestHome();
    const error = { code: 'CONFIG_INVALID', message: 'the front door may not listen on 0.0.0.0 while there is no key' };
    writeFileSync(join(home.path, 'run/start-error.json'), JSON.stringify({ error }));

    const found = await findings(home, { DROVER_BIND: '0.0.0.0' });

    expect(found).toContainEqual(
      expect.objectContaining({
        check: 'keys',
        status: 'problem',
        message: error.message,
        mend: 'DROVER_BIND=127.0.0.1 drover key create && drover daemon restart',
      }),
    );
  });

  test('finds a front door beyond this machine before its first start: without a store there is no key', async () => {
    using home = createTestHome();

    const found = await findings(home, { DROVER_BIND: '0.0.0.0' });

    expect(found).toContainEqual(expect.objectContaining({ check: 'keys', status: 'problem' }));
  });

  test('finds a front door on an address that this machine does not have', async () => {
    using home = createTestHome();

    const found = await findings(home, { DROVER_BIND: '192.0.2.9', DROVER_PORT: '21999' });

    expect(found).toContainEqual(
      expect.objectContaining({ check: 'port', status: 'problem', mend: 'unset DROVER_BIND' }),
    );
  });

  test('finds a file where the home should be, and looks at nothing in it', async () => {
    using home = createTestHome();
    const file = join(home.path, 'a file');
    writeFileSync(file, '');

    const found = await findings(home, { DROVER_HOME: join(file, 'home') });

    expect(found).toContainEqual({
      check: 'home',
      status: 'problem',
      message: `${file} is a file where a folder should be`,
      mend: 'export DROVER_HOME="$HOME/.drover"',
    });
    expect(found.map(({ check }) => check)).not.toContain('config');
  });

  test('its line for a damaged store mends that', async () => {
    using home = createTestHome();
    writeFileSync(join(home.path, 'store.db'), 'garbage');
    const line = (await findings(home)).find(({ check }) => check === 'store')?.mend ?? '';

    execFileSync('bash', ['-c', `drover() { :; }; ${line}`]);

    expect(await findings(home)).toContainEqual(expect.objectContaining({ check: 'store', status: 'ok' }));
    expect(existsSync(join(home.path, 'damaged/store.db'))).toBe(true);
  });

  test('its line for files of the future mends that where no time server can be asked', async () => {
    using home = createTestHome();
    const file = join(home.path, 'run/of tomorrow');
    writeFileSync(file, '');
    utimesSync(file, 4_000_000_000, 4_000_000_000);
    const env = { PATH: '/nowhere' };
    const { message, mend } = (await findings(home, env)).find(({ check }) => check === 'clock') ?? {};

    execFileSync('/bin/bash', ['-c', mend ?? '']);

    expect(message).toContain(file);
    expect(await findings(home, env)).toContainEqual(expect.objectContaining({ check: 'clock', status: 'ok' }));
  });

  test('warns of a tool without its driver, and names what loads it', async () => {
    using home = createTestHome();
    writeFileSync(join(home.path, 'nvidia-smi'), '#!/bin/sh\necho no driver; exit 9\n', { mode: 0o755 });

    const found = await findings(home, { PATH: `${home.path}:/usr/bin:/bin` });

    expect(found).toContainEqual(
      expect.objectContaining({ check: 'drivers', status: 'warning', mend: expect.stringMatching(/modprobe nvidia$/) }),
    );
  });

  test('names one problem for settings that cannot be read', async () => {
    using home = createTestHome();
    writeFileSync(join(home.path, 'config.json'), '{');

    const found = await findings(home);

    expect(found.filter(({ status }) => status === 'problem').map(({ check }) => check)).toEqual(['config']);
  });

  test('says what it did not look at because the settings cannot be read, and the command that mends them', async () => {
    using home = createTestHome();

    const found = await findings(home, { DROVER_LOG_LEVEL: 'loud' });

    const mend = 'unset DROVER_LOG_LEVEL';
    for (const check of ['config', 'port', 'devices']) {
      expect(found).toContainEqual(expect.objectContaining({ check, mend }));
    }
  });

  test('warns of a home that others can write to, and counts warnings', async () => {
    using home = createTestHome();
    chmodSync(home.path, 0o777);

    const { stdout } = await home.run(['doctor'], { env: FREE });

    expect(stdout).toContain(`mend: chmod go-w ${home.path}`);
    expect(stdout).toMatch(/nothing is wrong, \d+ warnings?\n$/);
  });

  test('warns of a lock that a crash left', async () => {
    using home = createTestHome();
    const dead = { pid: 1, startTime: '1', bootId: 'another boot' };
    writeFileSync(join(home.path, 'run/controller.lock'), JSON.stringify(dead));

    expect(await findings(home)).toContainEqual(
      expect.objectContaining({ check: 'locks', status: 'warning', mend: 'drover daemon start' }),
    );
  });

  test('finds that no engine is there, and warns of a missing bubblewrap', async () => {
    using home = createTestHome();

    const found = await findings(home, { PATH: '/nowhere' });

    expect(found).toContainEqual(
      expect.objectContaining({ check: 'sandbox', mend: expect.stringMatching(/apt-get install bubblewrap$/) }),
    );
    expect(found.filter(({ check }) => check === 'engines').length).toBeGreaterThan(0);
  });

  test.runIf(process.getuid?.() === 0)('finds a home that is read-only, and one that is full', async () => {
    using home = createTestHome();
    const small = join(home.path, 'small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]);
    try {
      mkdirSync(join(small, 'models'));
      execFileSync('sh', ['-c', `yes > ${join(small, 'models/big.gguf.part')} || true`], { stdio: 'ignore' });
      const stuffed = await findings(home, { DROVER_HOME: small });
      execFileSync('bash', ['-c', stuffed.find(({ check }) => check === 'home')?.mend ?? 'false']);
      const full = await findings(home, { DROVER_HOME: small });
      execFileSync('mount', ['-o', 'remount,ro', small]);
      const readOnly = await findings(home, { DROVER_HOME: small });
      execFileSync('bash', ['-c', readOnly.find(({ check }) => check === 'home')?.mend ?? '']);
      const mended = await findings(home, { DROVER_HOME: small });

      expect(full).toContainEqual(expect.objectContaining({ check: 'disk', status: 'problem' }));
      expect(readOnly).toContainEqual(
        expect.objectContaining({ check: 'home', status: 'problem', mend: expect.stringContaining('remount,rw') }),
      );
      expect(mended).toContainEqual(expect.objectContaining({ check: 'disk', status: 'problem' }));
    } finally {
      execFileSync('umount', [small]);
    }
  });
});
