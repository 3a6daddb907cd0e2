/**
 * Outcomes that no controller has acknowledged, on disk. An append-only file of JSON lines: outcomes, and the keys of
 * those that were acknowledged. Written at once, flushed in groups, started over when nothing is left in it.
 */

import {
  closeSync,
  constants,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

import { z } from 'zod';

import { attemptKey, outcomeSchema } from '../../contract/index.ts';
import type { AttemptRef, Outcome } from '../../contract/index.ts';
import type { Clock } from '../../kernel/index.ts';
import { readJsonLines } from '../json-lines.ts';

export interface Spool extends Disposable {
  /** On return it survives this process; a power failure once the group is flushed. */
  append(outcome: Outcome): void;
  acknowledge(attempts: readonly AttemptRef[]): void;
  pending(): readonly Outcome[];
  has(attempt: AttemptRef): boolean;
}

/** How long an outcome may wait for its flush; most are acknowledged before and need none. */
export const FLUSH_DELAY_MS = 20;
/** A file that holds only acknowledged lines is emptied when it is larger than this. To empty it waits for the disk. */
const COMPACT_BYTES = 1024 * 1024;
/** Where one outcome follows the other the file never holds only those: larger than this it is begun anew. */
const ANEW_BYTES = 16 * 1024 * 1024;

const EMPTY_TO_APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND;

const lineSchema = z.union([z.object({ outcome: outcomeSchema }), z.object({ acknowledged: z.array(z.string()) })]);
type Line = z.output<typeof lineSchema>;

/** Takes up what an earlier agent left. `onError` hears of a flush that failed. */
export function openSpool(path: string, clock: Clock, onError: (error: Error) => void): Spool {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return new FileSpool(path, clock, onError);
}

class FileSpool implements Spool {
  readonly #path: string;
  #handle: number;
  readonly #clock: Clock;
  readonly #onError: (error: Error) => void;
  readonly #pending = new Map<string, Outcome>();
  #bytes: number;
  #anewAbove = ANEW_BYTES;
  #flush: Disposable | null = null;

  constructor(path: string, clock: Clock, onError: (error: Error) => void) {
    this.#path = path;
    this.#clock = clock;
    this.#onError = onError;
    this.#handle = openSync(path, 'a+', 0o600);
    const text = readFileSync(path, 'utf8');
    // A line torn by a crash: what it told is still in the journal, or nobody was promised it.
    for (const line of readJsonLines(text, lineSchema)) this.#apply(line);
    this.#bytes = Buffer.byteLength(text);
    if (text !== '' && !text.endsWith('\n')) this.#write('\n');
    this.#compact(0);
  }

  append(outcome: Outcome): void {
    this.#apply({ outcome });
    this.#write(`${JSON.stringify({ outcome })}\n`);
    this.#flush ??= this.#clock.after(FLUSH_DELAY_MS, () => this.#flushNow());
  }

  acknowledge(attempts: readonly AttemptRef[]): void {
    const acknowledged = attempts.map(attemptKey).filter((key) => this.#pending.has(key));
    if (acknowledged.length === 0) return;
    this.#apply({ acknowledged });
    this.#write(`${JSON.stringify({ acknowledged })}\n`);
    this.#compact(COMPACT_BYTES);
  }

  pending(): readonly Outcome[] {
    return [...this.#pending.values()];
  }

  has(attempt: AttemptRef): boolean {
    return this.#pending.has(attemptKey(attempt));
  }

  [Symbol.dispose](): void {
    this.#flush?.[Symbol.dispose]();
    closeSync(this.#handle);
  }

  #apply(line: Line): void {
    if ('outcome' in line) this.#pending.set(attemptKey(line.outcome.attempt), line.outcome);
    else for (const key of line.acknowledged) this.#pending.delete(key);
  }

  /** Whole, or it throws: a part without its end would spoil the next line too. */
  #write(text: string): void {
    writeFileSync(this.#handle, text);
    this.#bytes += Buffer.byteLength(text);
  }

  #flushNow(): void {
    this.#flush = null;
    if (this.#pending.size === 0) return;
    fdatasync(this.#handle, (error) => error && this.#onError(error));
  }

  #compact(above: number): void {
    if (this.#pending.size > 0) return this.#bytes > this.#anewAbove ? this.#beginAnew() : undefined;
    if (this.#bytes <= above) return;
    ftruncateSync(this.#handle, 0);
    this.#bytes = 0;
  }

  /** With what is pending, on the disk before it takes the place of the old file. */
  #beginAnew(): void {
    const path = `${this.#path}.new`;
    const before = this.#handle;
    this.#handle = openSync(path, EMPTY_TO_APPEND, 0o600);
    this.#bytes = 0;
    for (const outcome of this.#pending.values()) this.#write(`${JSON.stringify({ outcome })}\n`);
    fsyncSync(this.#handle);
    renameSync(path, this.#path);
    closeSync(before);
    this.#anewAbove = Math.max(ANEW_BYTES, 2 * this.#bytes);
  }
}
