/**
 * A systemd for one test: the user's manager in a mount namespace of its own, where the machine looks as if systemd had
 * booted it. Nothing outside sees it.
 */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { until } from './house.ts';

export interface UserManager extends AsyncDisposable {
  /** For whoever shall find this manager; a `systemctl` on its PATH leads there. */
  readonly env: Readonly<Record<string, string>>;
  systemctl(...args: string[]): string;
}

const SYSTEMD = '/usr/lib/systemd/systemd';
const OWN_MOUNTS = ['--mount', '--propagation', 'private'];
const AS_IF_BOOTED = `mkdir -p /run/systemd && mount -t tmpfs none /run/systemd && mkdir /run/systemd/system && exec ${SYSTEMD} --user --log-target=null`;

export function canRunUserManager(): boolean {
  return process.getuid?.() === 0 && existsSync(SYSTEMD) && spawnSync('unshare', [...OWN_MOUNTS, 'true']).status === 0;
}

export async function startUserManager(): Promise<UserManager> {
  const folder = mkdtempSync(join(tmpdir(), 'drover-systemd-'));
  const [runtime, config, bin] = ['run', 'config', 'bin'].map((name) => join(folder, name)) as [string, string, string];
  for (const each of [runtime, config, bin]) mkdirSync(each, { mode: 0o700 });
  const env = { XDG_RUNTIME_DIR: runtime, XDG_CONFIG_HOME: config, PATH: `${bin}:${process.env['PATH']}` };
  const manager = spawn('unshare', [...OWN_MOUNTS, 'sh', '-c', AS_IF_BOOTED], { env: { ...process.env, ...env } });
  const shim = `#!/bin/sh\nexec nsenter --target ${manager.pid} --mount -- /usr/bin/systemctl "$@"\n`;
  writeFileSync(join(bin, 'systemctl'), shim, { mode: 0o755 });
  // Lingering would be a lasting change of the machine.
  writeFileSync(join(bin, 'loginctl'), '#!/bin/sh\n', { mode: 0o755 });
  const systemctl = (...args: string[]): string =>
    spawnSync(join(bin, 'systemctl'), ['--user', ...args], { env, encoding: 'utf8' }).stdout.trim();
  await until(() => ['running', 'degraded'].includes(systemctl('is-system-running')));
  return {
    env,
    systemctl,
    async [Symbol.asyncDispose]() {
      const ended = once(manager, 'exit');
      manager.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
