/** The machine as a service plan sees it: its programs and its files, and who owns the home. */

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { userInfo } from 'node:os';

import { hasCode, removeFile, writeFileAtomic } from '../../kernel/files.ts';
import type { CommandResult, ServiceWorld } from './apply.ts';
import type { ServiceCommand, ServiceFile, ServiceSpec } from './service.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const COMMAND_TIMEOUT_MS = 60_000;

export function machine(env: Environment): ServiceWorld {
  return {
    run: (command) => runCommand(command, env),
    exists: existsSync,
    write: writeServiceFile,
    remove: removeFile,
  };
}

/** Whoever owns the home runs the daemon, whoever installs it. A home that is not there yet will be the caller's. */
export async function accountOf(home: string, env: Environment): Promise<ServiceSpec['account']> {
  const caller = userInfo();
  const uid = existsSync(home) ? statSync(home).uid : caller.uid;
  const mine = { name: caller.username, uid: caller.uid, home: env['HOME'] || caller.homedir };
  if (uid === caller.uid || process.platform === 'win32') return mine;
  const { code, stdout } = await runCommand({ file: 'id', args: ['-nu', String(uid)], otherwise: null }, env);
  return { name: code === 0 ? stdout.trim() : String(uid), uid, home: mine.home };
}

/** The daemon's own log is written beside the home's others, and the manager makes no folder. */
export function makeLogFolder(home: string): void {
  mkdirSync(join(home, 'logs'), { recursive: true, mode: 0o700 });
}

function writeServiceFile({ path, text, encoding }: ServiceFile): void {
  if (encoding === 'utf-8') return writeFileAtomic(path, text);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.from(`\ufeff${text}`, 'utf16le'));
}

function runCommand({ file, args }: ServiceCommand, env: Environment): Promise<CommandResult> {
  return new Promise((resolve) => {
    execFile(file, [...args], { env: { ...env }, timeout: COMMAND_TIMEOUT_MS }, (error, stdout, stderr) => {
      if (error === null) return resolve({ code: 0, stdout, stderr });
      if (hasCode(error, 'ENOENT')) return resolve({ code: null, stdout, stderr });
      resolve({ code: typeof error.code === 'number' ? error.code : 1, stdout, stderr: stderr || error.message });
    });
  });
}
