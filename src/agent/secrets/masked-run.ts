/**
 * A program between a worker and its output files, for tasks with secrets: runs the command it is given and writes what
 * that prints without the values. It ends as the command ends. No unmasked byte is ever on disk, whoever is killed when.
 */

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { writeSync } from 'node:fs';

import { systemClock } from '../../kernel/clock.ts';
import { createMasker } from './masker.ts';

/** Names of the variables whose values are secret, separated by commas; not handed on. */
export const SECRET_NAMES = 'DROVER_SECRET_NAMES';

/** Resolves when the command has ended and all it wrote is written. */
export async function runMasked(argv: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  const { [SECRET_NAMES]: names = '', ...env } = environment;
  const values = names.split(',').flatMap((name) => env[name] ?? []);
  const [file = '', ...args] = argv;
  // The group hears the signal too: this one must live to write the last words.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const outputs = [
    { stream: child.stdout, fd: 1, masker: createMasker(values) },
    { stream: child.stderr, fd: 2, masker: createMasker(values) },
  ];
  for (const { stream, fd, masker } of outputs)
    stream.on('data', (chunk: Buffer) => writeWhole(fd, masker.push(chunk)));
  const ending = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('error', () => resolve({ code: 127, signal: null }));
    child.once('exit', (code, signal) => {
      // What it has left running may hold its output open for ever; what is in the pipes by now is still read.
      systemClock.after(LAST_WORDS_MS, () => resolve({ code, signal }));
      child.once('close', () => resolve({ code, signal }));
    });
  });
  for (const { fd, masker } of outputs) writeWhole(fd, masker.end());
  endAs(ending);
}

const LAST_WORDS_MS = 500;

function writeWhole(fd: number, bytes: Buffer): void {
  for (let from = 0; from < bytes.length;) from += writeSync(fd, bytes, from);
}

function endAs({ code, signal }: { readonly code: number | null; readonly signal: NodeJS.Signals | null }): void {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  process.exit(128 + constants.signals[signal]);
}
