/** Turns what a database says into `STORE_FAILED` with its remedy. What is not the database's fault passes unchanged. */

import { DatabaseError } from 'pg';

import { AppError } from '../../contract/index.ts';
import { SqliteError } from '../sqlite/thread.ts';

/** `place` is a path or a server; it goes into the message. */
export function asStoreFailure(error: unknown, place: string): unknown {
  const problem = databaseProblem(error);
  if (problem === null) return error;
  return new AppError('STORE_FAILED', `${place}: ${problem.message}`, {
    cause: error,
    detail: { place, code: problem.code },
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
  });
}

/** The store itself could not do its part, whatever the cause: open, begin, commit. */
export function storeFailure(error: unknown, place: string): AppError {
  const failure = asStoreFailure(error, place);
  if (failure instanceof AppError) return failure;
  const message = error instanceof Error ? error.message : String(error);
  return new AppError('STORE_FAILED', `${place}: ${message}`, { cause: error, detail: { place } });
}

interface Problem {
  readonly message: string;
  readonly code: string | number | null;
  readonly hint: string | undefined;
}

function databaseProblem(error: unknown): Problem | null {
  if (error instanceof SqliteError) {
    const { message, code } = error;
    return { message, code, hint: code === null ? undefined : SQLITE_HINTS.get(code & 0xff) };
  }
  if (error instanceof DatabaseError) {
    const code = error.code ?? null;
    return { message: error.message, code, hint: postgresHint(code ?? '') };
  }
  if (isNetworkError(error)) return { message: error.message || error.code, code: error.code, hint: SERVER_HINT };
  return null;
}

const ACCESS_HINT = 'check that the file and its folder exist and belong to this user';

/** By primary result code. */
const SQLITE_HINTS: ReadonlyMap<number, string> = new Map([
  [3, ACCESS_HINT],
  [5, 'another process has locked the file; end it ("fuser" names it) and try again'],
  [6, 'another process has locked the file; end it ("fuser" names it) and try again'],
  [8, ACCESS_HINT],
  [10, 'the disk failed; look at the system log before anything is written again'],
  [11, 'the file is damaged; move it away, or put back a copy'],
  [13, 'the disk is full; free some space and try again'],
  [14, ACCESS_HINT],
  [26, 'the file is no Drover store; move it away, or point DROVER_HOME elsewhere'],
]);

const SERVER_HINT = 'check that the server of DROVER_DATABASE_URL runs and can be reached';

function postgresHint(code: string): string | undefined {
  if (code === '53100') return 'the disk of the server is full; free some space and try again';
  if (code.startsWith('28') || code.startsWith('3D')) return 'check user, password and database in DROVER_DATABASE_URL';
  if (code.startsWith('57') || code.startsWith('08')) return SERVER_HINT;
  return undefined;
}

const NETWORK_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ENOENT', 'ETIMEDOUT', 'EPIPE', 'EAI_AGAIN']);

function isNetworkError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && NETWORK_CODES.has(String(error.code));
}
