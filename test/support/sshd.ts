/** A private sshd on loopback: its own port, keys and known hosts, and a client that knows it as the host `rig`. */

import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

import { freePort } from './free-port.ts';

const SSHD = '/usr/sbin/sshd';

export const hasSshd = existsSync(SSHD);

export interface Sshd extends AsyncDisposable {
  /** For DROVER_SSH: ssh with the config below. */
  readonly client: string;
}

export async function startSshd(): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'drover-sshd-'));
  const path = (name: string): string => join(folder, name);
  for (const name of ['host', 'user']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path(name)]);
  }
  const port = await freePort();
  const isRoot = process.getuid?.() === 0;
  // Where root runs it, it drops to nobody in this folder.
  if (isRoot) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  writeFileSync(path('authorized'), readFileSync(path('user.pub')));
  writeFileSync(path('known'), `[127.0.0.1]:${port} ${readFileSync(path('host.pub'), 'utf8')}`);
  writeFileSync(
    path('sshd_config'),
    lines(
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${path('host')}`,
      `AuthorizedKeysFile ${path('authorized')}`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'PermitRootLogin prohibit-password',
    ),
  );
  writeFileSync(
    path('ssh_config'),
    lines(
      'Host rig',
      '  HostName 127.0.0.1',
      `  Port ${port}`,
      `  User ${userInfo().username}`,
      `  IdentityFile ${path('user')}`,
      `  UserKnownHostsFile ${path('known')}`,
      '  StrictHostKeyChecking yes',
    ),
  );
  writeFileSync(path('ssh'), lines('#!/bin/sh', `exec ssh -F ${path('ssh_config')} "$@"`));
  chmodSync(path('ssh'), 0o755);

  const server = spawn(SSHD, ['-D', '-e', '-f', path('sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  await listening(server.stderr);
  return {
    client: path('ssh'),
    async [Symbol.asyncDispose]() {
      const gone = new Promise((resolve) => server.once('exit', resolve));
      server.kill();
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function listening(stderr: NodeJS.ReadableStream): Promise<void> {
  let said = '';
  return new Promise((resolve, reject) => {
    stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Server listening')) resolve();
    });
    stderr.once('end', () => reject(new Error(`sshd ended: ${said}`)));
  });
}

function lines(...text: readonly string[]): string {
  return `${text.join('\n')}\n`;
}
