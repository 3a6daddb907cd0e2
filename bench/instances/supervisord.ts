/** supervisord as a contestant: Debian's package, one program section per port. */

import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Contestant } from './contestant.ts';
import type { Program } from './program.ts';

const BIN = '/usr/bin/supervisord';

/** Null where the package is missing and cannot be installed. */
export function openSupervisord(program: Program, folder: string): Contestant | null {
  if (!existsSync(BIN) && process.getuid?.() === 0) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'supervisor'], { env, stdio: 'ignore' });
  }
  if (!existsSync(BIN)) return null;
  let running: ChildProcess | null = null;

  async function stop(): Promise<void> {
    if (running === null) return;
    const ended = once(running, 'exit');
    running.kill('SIGTERM');
    await ended;
    running = null;
  }

  return {
    name: 'supervisord',
    async start(ports) {
      const file = join(folder, 'supervisord.conf');
      writeFileSync(file, configOf(ports, program, folder));
      running = spawn(BIN, ['--nodaemon', '-c', file], { stdio: 'ignore', cwd: folder });
    },
    stop,
    managers: () => (running?.pid === undefined ? [] : [{ name: 'supervisord', pid: running.pid }]),
    close: stop,
  };
}

function configOf(ports: readonly number[], { file }: Program, folder: string): string {
  const head = `[supervisord]\nlogfile=${folder}/supervisord.log\npidfile=${folder}/supervisord.pid\nchildlogdir=${folder}\n`;
  const programs = ports.map(
    (port) =>
      `[program:port-${port}]\ncommand=${file} --port ${port}\nautorestart=true\nstartsecs=0\nstopsignal=TERM\n`,
  );
  return [head, ...programs].join('\n');
}
