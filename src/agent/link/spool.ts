/**
 * Outcomes that no controller has acknowledged, on disk. An append-only file of JSON lines: outcomes, and the keys of
 * those that were acknowledged. Written at once, flushed in groups, started over when nothing is left in it.
 */

import { closeSync, fdatasync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
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

const lineSchema = z.union([z.object({ outcome: outcomeSchema }), z.object({ acknowledged: z.array(z.string()) })]);
type Line = z.output<typeof lineSchema>;

/** Takes up what an earlier agent left. `onError` hears of a flush that failed. */
export function openSpool(path: string, clock: Clock, onError: (error: Error) => void): Spool {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return new FileSpool(path, clock, onError);
}

class FileSpool implements Spool {
  readonly #handle: number;
  readonly #clock: Clock;
  readonly #onError: (error: Error) => void;
  readonly #pending = new Map<string, Outcome>();
  #bytes: number;
  #flush: Disposable | null = null;

  constructor(path: string, clock: Clock, onError: (error: Error) => void) {
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

  #write(text: string): void {
    this.#bytes += writeSync(this.#handle, text);
  }

  #flushNow(): void {
    this.#flush = null;
    if (this.#pending.size === 0) return;
    fdatasync(this.#handle, (error) => error && this.#onError(error));
  }

  #compact(above: number): void {
    if (this.#pending.size > 0 || this.#bytes <= above) return;
    ftruncateSync(this.#handle, 0);
    this.#bytes = 0;
  }
}
