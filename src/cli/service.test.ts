import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { json, startStandIn } from '../../test/support/cli/controller-stand-in.ts';
import { createTestHome } from '../../test/support/cli/run-command.ts';
import type { TestHome } from '../../test/support/cli/run-command.ts';

let home: TestHome;
beforeEach(() => void (home = createTestHome()));
afterEach(() => home[Symbol.dispose]());

const RUNNING = {
  running: true,
  version: '0.1.0',
  url: 'http://127.0.0.1:8080',
  socket: 's',
  controller: { pid: 4711, uptime_ms: 1 },
  agents: [{ host: 'here', pid: 4712, epoch: 1, connected: true, silent: false }],
  local_agent: true,
  offered_devices: null,
};

/** Programs of a service manager that note what they are asked. */
function withManager(state: string): Record<string, string> {
  const bin = join(home.path, 'bin');
  mkdirSync(bin);
  const script = `#!/bin/sh
echo "$(basename "$0") $*" >> "${home.path}/asked"
case "$*" in *is-system-running) echo ${state};; esac
`;
  for (const name of ['systemctl', 'loginctl']) writeFileSync(join(bin, name), script, { mode: 0o755 });
  return { PATH: `${bin}:/usr/bin:/bin`, HOME: home.path, XDG_CONFIG_HOME: '' };
}

const unitFile = (): string => join(home.path, '.config/systemd/user/drover.service');

describe.runIf(process.platform === 'linux')('drover daemon install', () => {
  test('--print shows the unit and installs nothing', async () => {
    const run = await home.run(['daemon', 'install', '--user', '--print'], { env: { DROVER_PORT: '8090' } });

    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toContain(`Environment="DROVER_HOME=${home.path}"\nEnvironment="DROVER_PORT=8090"\n`);
    expect(run.stdout).toContain('\nKillMode=process\n');
  });

  test('install-service is the same command', async () => {
    const [one, other] = await Promise.all([
      home.run(['daemon', 'install', '--print']),
      home.run(['install-service', '--print']),
    ]);

    expect(one).toEqual(other);
  });

  test('installs, answers when the daemon does, and is taken back', async () => {
    const env = withManager('running');
    await using _daemon = await startStandIn(home.path, { 'GET /v2/daemon': json(RUNNING) });

    const installed = await home.run(['daemon', 'install', '--user'], { env });

    expect(installed).toMatchObject({
      code: 0,
      stdout: 'drover is a service of systemd now (pid 4711), front door http://127.0.0.1:8080\n',
    });
    expect(readFileSync(unitFile(), 'utf8')).toContain('KillMode=process');
    expect(readFileSync(join(home.path, 'asked'), 'utf8')).toMatch(/^loginctl enable-linger \S+$/m);

    expect(await home.run(['daemon', 'uninstall', '--user'], { env })).toMatchObject({ code: 0 });
    expect(existsSync(unitFile())).toBe(false);
  });

  test.each([
    ['a manager that is not there', ['install', '--user'], 1, 'systemd does not run here'],
    ['both scopes', ['install', '--user', '--system'], 2, 'not both'],
    ['nothing to take back', ['uninstall', '--user'], 3, 'no service is installed'],
  ])('%s ends with its exit code and a hint', async (_title, argv, code, told) => {
    const run = await home.run(['daemon', ...argv], { env: withManager('offline') });

    expect(run).toMatchObject({ code, stderr: expect.stringContaining(told) as string });
    expect(existsSync(unitFile())).toBe(false);
  });

  test('another machine is refused', async () => {
    const run = await home.run(['-H', 'http://127.0.0.1:9', 'daemon', 'install', '--print']);

    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining('reached by ssh only') as string });
  });
});
