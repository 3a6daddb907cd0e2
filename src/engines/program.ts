/** Finds programs on disk and runs them for a short answer. The only file here that starts a process to ask it. */

import { createHash } from 'node:crypto';
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { execa } from 'execa';

import { AppError } from '../contract/errors.ts';

/** True for a file that this user may execute. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false; // missing or not permitted: not a program for us
  }
}

/** The first executable of that name on PATH, or null. */
export function findOnPath(name: string, environment: Readonly<Record<string, string | undefined>>): string | null {
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return folders.map((folder) => join(folder, name + suffix)).find(isExecutable) ?? null;
}

/** Changes whenever the file is replaced; cheap, since it reads no content. */
export function fileDigest(file: string): string {
  const real = realpathSync(file);
  const { size, mtimeMs, ino } = statSync(real);
  return createHash('sha256').update(`${real}\0${size}\0${mtimeMs}\0${ino}`).digest('hex').slice(0, 32);
}

interface Asking {
  readonly args: readonly string[];
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Stdout and stderr of a short run, together. Rejects with ENGINE_NOT_FOUND when the program cannot answer. */
export async function askProgram(file: string, { args, timeoutMs, signal }: Asking): Promise<string> {
  const result = await execa(file, args, {
    all: true,
    reject: false,
    stdin: 'ignore',
    timeout: timeoutMs,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  if (!result.failed) return result.all;
  const reason = result.timedOut ? `no answer within ${timeoutMs} ms` : lastLine(result.all) || result.shortMessage;
  throw new AppError('ENGINE_NOT_FOUND', `"${file} ${args.join(' ')}" failed: ${reason}`, {
    hint: 'check that this is a program for this machine, or set "engine": {"path": …} to another',
    cause: result,
    detail: { file, exitCode: result.exitCode ?? null },
  });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
