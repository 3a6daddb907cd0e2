/** Runs one long program and hands on its lines. An abort ends the whole process group, compilers included. */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';

import { AppError } from '../../contract/errors.ts';

interface LineRun {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal | undefined;
  onLine(line: string): void;
}

/** Below everything else on the machine: engines go on answering while another is built. */
const PRIORITY = 15;
const KEPT_LINES = 30;

/** Resolves when the program ends with 0. Rejects with ENGINE_BUILD_FAILED and its last lines, or ABORTED. */
export function runLines({ file, args, env, signal, onLine }: LineRun): Promise<void> {
  return new Promise((resolve, reject) => {
    const last: string[] = [];
    const child = spawn(file, args, {
      env: { ...env },
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const take = (line: string): void => {
      last.push(line);
      if (last.length > KEPT_LINES) last.shift();
      onLine(line);
    };
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', take);
    const abort = (): void => endGroup(child);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted === true) abort();
    child.on('spawn', () => lowerPriority(child));
    child.on('error', (cause) => reject(failed(file, args, cause.message, last, cause)));
    child.on('close', (code, by) => {
      signal?.removeEventListener('abort', abort);
      if (signal?.aborted === true) reject(new AppError('ABORTED', 'the build was cancelled; run it again to go on'));
      else if (code === 0) resolve();
      else reject(failed(file, args, by === null ? `exit code ${code}` : `signal ${by}`, last));
    });
  });
}

function lowerPriority(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) setPriority(child.pid, PRIORITY);
  } catch {
    // it has ended already, or the system does not let us: the build is as good at normal priority
  }
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill();
    else process.kill(-child.pid, 'SIGTERM');
  } catch {
    // ended in the meantime: `close` tells
  }
}

function failed(
  file: string,
  args: readonly string[],
  how: string,
  last: readonly string[],
  cause?: unknown,
): AppError {
  const errors = last.filter((line) => /error|fatal|not found/i.test(line));
  const shown = (errors.length > 0 ? errors : last).slice(-5).join('\n');
  return new AppError('ENGINE_BUILD_FAILED', `"${file} ${args[0] ?? ''}" ended with ${how}\n${shown}`, {
    cause,
    hint: 'mend what the lines above name and run the same command again; it goes on where it stopped',
    detail: { file, args, last },
  });
}
