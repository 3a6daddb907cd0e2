/**
 * The attempts of this host on disk: each is written before its launch and crossed out when its outcome is in the
 * spool, so that an agent that starts knows what an earlier one was doing. One file of JSON lines, begun anew when most
 * of it is crossed out. Not flushed: it guards against the agent's death; after a power failure nothing runs that could
 * be adopted.
 */

import { closeSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { z } from 'zod';

import { attemptKey } from '../../contract/index.ts';
import type { AttemptRef } from '../../contract/index.ts';
import { readFileIfExists } from '../../kernel/index.ts';
import { readJsonLines } from '../json-lines.ts';
import { workOrderSchema } from './work-order.ts';
import type { WorkOrder } from './work-order.ts';

export interface Journal extends Disposable {
  open(order: WorkOrder): void;
  /** Replaces an order that is there already. */
  amend(order: WorkOrder): void;
  close(attempt: AttemptRef): void;
  /** What is open, also from an earlier agent; a torn line is a launch that never happened. */
  list(): readonly WorkOrder[];
}

const COMPACT_BYTES = 256 * 1024;

const lineSchema = z.union([z.object({ order: workOrderSchema }), z.object({ closed: z.string() })]);
type Line = z.output<typeof lineSchema>;

/** Takes up what an earlier agent left. */
export function openJournal(path: string): Journal {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return new FileJournal(path);
}

class FileJournal implements Journal {
  readonly #path: string;
  readonly #orders = new Map<string, WorkOrder>();
  #handle: number;
  #bytes = 0;
  #anewAbove = COMPACT_BYTES;

  constructor(path: string) {
    this.#path = path;
    for (const line of readJsonLines(readFileIfExists(path) ?? '', lineSchema)) this.#apply(line);
    this.#handle = this.#beginAnew();
  }

  open(order: WorkOrder): void {
    this.#append({ order });
  }

  amend(order: WorkOrder): void {
    this.#append({ order });
  }

  close(attempt: AttemptRef): void {
    this.#append({ closed: attemptKey(attempt) });
    if (this.#bytes <= this.#anewAbove) return;
    closeSync(this.#handle);
    this.#handle = this.#beginAnew();
  }

  list(): readonly WorkOrder[] {
    return [...this.#orders.values()];
  }

  [Symbol.dispose](): void {
    closeSync(this.#handle);
  }

  #append(line: Line): void {
    this.#write(this.#handle, `${JSON.stringify(line)}\n`);
    this.#apply(line);
  }

  /** Whole, or it throws: a part without its end would spoil the next line too. */
  #write(handle: number, text: string): void {
    writeFileSync(handle, text);
    this.#bytes += Buffer.byteLength(text);
  }

  #apply(line: Line): void {
    if ('order' in line) this.#orders.set(attemptKey(line.order.attempt), line.order);
    else this.#orders.delete(line.closed);
  }

  /** Whoever reads sees the old file or the new one, each whole. */
  #beginAnew(): number {
    const handle = openSync(`${this.#path}.new`, 'w', 0o600);
    const lines = this.list().map((order) => `${JSON.stringify({ order })}\n`);
    this.#bytes = 0;
    this.#write(handle, lines.join(''));
    renameSync(`${this.#path}.new`, this.#path);
    // With many open ones it would be begun anew at each close.
    this.#anewAbove = Math.max(COMPACT_BYTES, 2 * this.#bytes);
    return handle;
  }
}
