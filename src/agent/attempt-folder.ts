/** The folder of an attempt: what it was asked, what it printed, how it ended. For people, and for the next step. */

import { closeSync, fstatSync, mkdirSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Grant, Outcome } from '../contract/index.ts';
import { hasCode } from '../kernel/index.ts';
import { withoutSecrets } from './worker-environment.ts';

export interface AttemptFiles {
  readonly stdout: string;
  readonly stderr: string;
  readonly command: string;
  readonly env: string;
  readonly item: string;
  readonly exit: string;
}

export const TAIL_BYTES = 4_096;

export function attemptFiles(dir: string): AttemptFiles {
  return {
    stdout: join(dir, 'stdout'),
    stderr: join(dir, 'stderr'),
    command: join(dir, 'command.sh'),
    env: join(dir, 'env.json'),
    item: join(dir, 'item.json'),
    exit: join(dir, 'exit.json'),
  };
}

/** Makes the folder with all that the worker reads. Output of an earlier, unreported launch is dropped. */
export function prepareFolder(grant: Grant, env: Readonly<Record<string, string>>): AttemptFiles {
  const files = attemptFiles(grant.dir);
  const isNew = mkdirSync(grant.dir, { recursive: true }) !== undefined;
  for (const stale of isNew ? [] : [files.stdout, files.stderr, files.exit]) rmSync(stale, { force: true });
  writeFileSync(files.command, `${grant.command}\n`);
  writeFileSync(files.env, `${JSON.stringify(withoutSecrets(env), null, 2)}\n`);
  if (grant.item !== null) writeFileSync(files.item, grant.item);
  return files;
}

/** Leaves the outcome beside the output; a folder that has been deleted meanwhile is not made again. */
export function writeExit(dir: string, outcome: Outcome): void {
  try {
    writeFileSync(attemptFiles(dir).exit, `${JSON.stringify(outcome, null, 2)}\n`);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

/** The end of stderr, or of stdout when stderr is empty, at most 4 KB. */
export function readTail(dir: string): string {
  const files = attemptFiles(dir);
  return readEnd(files.stderr) || readEnd(files.stdout);
}

function readEnd(path: string): string {
  let handle: number;
  try {
    handle = openSync(path, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  }
  try {
    const { size } = fstatSync(handle);
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const read = readSync(handle, buffer, 0, buffer.length, size - buffer.length);
    return dropSplitCharacter(buffer.subarray(0, read), size > TAIL_BYTES).toString('utf8');
  } finally {
    closeSync(handle);
  }
}

/** A tail that begins within a character begins with the next one instead. */
function dropSplitCharacter(bytes: Buffer, cut: boolean): Buffer {
  const start = cut ? bytes.findIndex((byte) => (byte & 0xc0) !== 0x80) : 0;
  return bytes.subarray(Math.max(0, start));
}
