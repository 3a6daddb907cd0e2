/**
 * The near end of a SQLite thread: sends requests, matches answers, and turns the thread's death into their failure.
 * What is asked before the program next waits travels in one message, and so do the answers.
 */

import { Worker } from 'node:worker_threads';

import type { Step, StepResult, ThreadAnswer, ThreadOptions, ThreadRequest } from './protocol.ts';

/** SQLite refused a statement. `code` is the extended result code, or null when the thread itself is at fault. */
export class SqliteError extends Error {
  override readonly name = 'SqliteError';
  readonly code: number | null;

  constructor(message: string, code: number | null) {
    super(message);
    this.code = code;
  }
}

interface Waiter {
  readonly resolve: (results: readonly StepResult[]) => void;
  readonly reject: (error: Error) => void;
}

export class SqliteThread {
  readonly #worker: Worker;
  readonly #waiters = new Map<number, Waiter>();
  readonly #exited: Promise<void>;
  #death: Error | null = null;
  #closing = false;
  #nextId = 1;
  #unsent: ThreadRequest[] = [];

  constructor(options: ThreadOptions) {
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: options, execArgv: [] });
    this.#worker.on('message', (answers: readonly ThreadAnswer[]) => answers.forEach((answer) => this.#settle(answer)));
    this.#worker.on('error', (error) => this.#fail(toSqliteError(error)));
    this.#exited = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
    void this.#exited.then(() => this.#fail(new SqliteError('the SQLite connection is closed', null)));
    this.#worker.unref();
  }

  /** Runs the steps in order; requests are served in the order of the calls. */
  run(steps: readonly Step[], within: boolean): Promise<readonly StepResult[]> {
    return this.#ask((id) => ({ kind: 'run', id, steps, within }));
  }

  /** Closes the connection after what was asked before, and resolves when the thread is gone. */
  async close(): Promise<void> {
    this.#closing = true;
    if (this.#death === null) await this.#ask((id) => ({ kind: 'close', id }));
    await this.#exited;
  }

  #ask(request: (id: number) => ThreadRequest): Promise<readonly StepResult[]> {
    if (this.#death) return Promise.reject(this.#death);
    const id = this.#nextId++;
    // The thread keeps the process alive only while somebody waits for it.
    if (this.#waiters.size === 0) this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#waiters.set(id, { resolve, reject });
      // A tick comes when no promise can go on: whatever is asked together is here by then.
      if (this.#unsent.length === 0) process.nextTick(() => this.#flush());
      this.#unsent.push(request(id));
    });
  }

  #flush(): void {
    const requests = this.#unsent;
    this.#unsent = [];
    // oxlint-disable-next-line require-post-message-target-origin -- a thread has no origin
    this.#worker.postMessage(requests);
  }

  #settle(answer: ThreadAnswer): void {
    const waiter = this.#waiters.get(answer.id);
    this.#waiters.delete(answer.id);
    if (this.#waiters.size === 0 && !this.#closing) this.#worker.unref();
    if (answer.error === null) waiter?.resolve(answer.results);
    else waiter?.reject(new SqliteError(answer.error.message, answer.error.code));
  }

  #fail(error: Error): void {
    this.#death ??= error;
    for (const waiter of this.#waiters.values()) waiter.reject(this.#death);
    this.#waiters.clear();
  }
}

/** An error that killed the thread: the connection could not be opened. */
function toSqliteError(error: unknown): SqliteError {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'sqliteExtendedCode' in error ? Number(error.sqliteExtendedCode) : null;
  return new SqliteError(message, code);
}
