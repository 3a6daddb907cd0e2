/** The folder of an attempt: what it was asked, what it printed, how it ended. For people, and for the next step. */

import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Grant, Outcome } from '../../contract/index.ts';
import { hasCode, readFileEnd } from '../../kernel/index.ts';
import { withoutSecrets } from './worker-environment.ts';

export interface AttemptFiles {
  readonly stdout: string;
  readonly stderr: string;
  /** Two lines of JSON: command and environment at the start, the outcome at the end. One file, since each costs. */
  readonly record: string;
  /** Made by the command when it likes; each touch of it is a sign of progress. */
  readonly progress: string;
  /** Only for an attempt that has an item. */
  readonly item: string;
  /** Only for a command that is too long for an argument. */
  readonly script: string;
}

const TAIL_BYTES = 4_096;
/** Well below what systems allow for one argument. */
const LONGEST_ARGUMENT = 32 * 1_024;

export function attemptFiles(dir: string): AttemptFiles {
  return {
    stdout: join(dir, 'stdout'),
    stderr: join(dir, 'stderr'),
    record: join(dir, 'record.jsonl'),
    progress: join(dir, 'progress'),
    item: join(dir, 'item.json'),
    script: join(dir, 'command.sh'),
  };
}

/** Makes the folder with all that the worker reads. Output of an earlier, unreported launch is dropped. */
export function prepareFolder(grant: Grant, env: Readonly<Record<string, string>>): AttemptFiles {
  const files = attemptFiles(grant.dir);
  const isNew = makeFolder(grant.dir);
  for (const stale of isNew ? [] : [files.stdout, files.stderr, files.progress]) rmSync(stale, { force: true });
  writeFileSync(files.record, recordLine({ command: grant.command, cwd: grant.cwd, env: withoutSecrets(env) }));
  if (grant.item !== null) writeFileSync(files.item, grant.item);
  return files;
}

/** True when it was not there. A first attempt has no parent yet, so that is tried first: a failure costs more. */
function makeFolder(dir: string): boolean {
  try {
    mkdirSync(dirname(dir));
    mkdirSync(dir);
    return true;
  } catch (error) {
    if (!hasCode(error, 'EEXIST') && !hasCode(error, 'ENOENT')) throw error;
    return mkdirSync(dir, { recursive: true }) !== undefined;
  }
}

/** What bash is given to run the command. */
export function bashArguments(command: string, files: AttemptFiles): readonly string[] {
  if (command.length <= LONGEST_ARGUMENT) return ['-c', command];
  writeFileSync(files.script, `${command}\n`);
  return [files.script];
}

/** Leaves the outcome beside the output; a folder that has been deleted meanwhile is not made again. */
export function writeExit(dir: string, outcome: Outcome): void {
  appendFileSync(attemptFiles(dir).record, recordLine(outcome));
}

function recordLine(line: object): string {
  return `${JSON.stringify(line)}\n`;
}

/** The end of stderr, or of stdout when stderr is empty, at most 4 KB. */
export function readTail(dir: string): string {
  const files = attemptFiles(dir);
  return readEnd(files.stderr) || readEnd(files.stdout);
}

function readEnd(path: string): string {
  // PostgreSQL keeps no NUL in a text.
  return readFileEnd(path, { maxBytes: TAIL_BYTES }).text.replaceAll('\0', '\uFFFD');
}
