/** pm2 as a contestant: a daemon in a home of its own, one fork-mode process per port. */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from '../../test/support/house.ts';
import type { Contestant } from './contestant.ts';
import type { Program } from './program.ts';

const PEERS = join(ROOT, 'bench/instances/peers');
const BIN = join(PEERS, 'node_modules/.bin/pm2');

/** Installs it beside the bench where it is missing; null when that is not possible. */
export function openPm2(program: Program, folder: string): Contestant | null {
  if (!existsSync(BIN)) {
    spawnSync('npm', ['install', '--no-package-lock', '--ignore-scripts', '--silent'], {
      cwd: PEERS,
      stdio: 'inherit',
    });
  }
  if (!existsSync(BIN)) return null;
  const home = join(folder, 'pm2');
  const env = { PATH: process.env['PATH'], HOME: folder, PM2_HOME: home, PM2_DISABLE_VERSION_CHECK: 'true' };
  const pm2 = (...args: string[]): void => void execFileSync(BIN, args, { env, stdio: 'ignore', cwd: folder });
  return {
    name: 'pm2',
    async start(ports) {
      const apps = ports.map((port) => ({
        name: `port-${port}`,
        script: program.file,
        interpreter: 'none',
        args: ['--port', String(port)],
        max_restarts: 1_000_000,
      }));
      const file = join(folder, 'ecosystem.json');
      writeFileSync(file, JSON.stringify({ apps }));
      pm2('start', file);
    },
    stop: async () => pm2('delete', 'all'),
    managers: () => [{ name: 'pm2', pid: Number(readFileSync(join(home, 'pm2.pid'), 'utf8')) }],
    close: async () => pm2('kill'),
  };
}
