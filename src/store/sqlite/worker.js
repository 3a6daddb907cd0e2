// @ts-check
/**
 * The thread that owns one SQLite connection: runs what it is sent, in order, and answers. It decides nothing.
 * Plain JavaScript, because Node 20 cannot start a thread from TypeScript: the same file serves `src/` and `dist/`.
 */

import { parentPort, workerData } from 'node:worker_threads';

import { DatabaseSync } from '@photostructure/sqlite';

/** @typedef {import('./protocol.ts').ThreadRequest} ThreadRequest */
/** @typedef {import('./protocol.ts').RunRequest} RunRequest */
/** @typedef {import('./protocol.ts').ThreadAnswer} ThreadAnswer */
/** @typedef {import('./protocol.ts').Step} Step */
/** @typedef {ReturnType<InstanceType<typeof DatabaseSync>['prepare']>} Statement */
/** @typedef {{ statement: Statement, reads: boolean }} Prepared */

const STATEMENT_CACHE_SIZE = 256;

const options = /** @type {import('./protocol.ts').ThreadOptions} */ (workerData);
const database = new DatabaseSync(options.path, { readOnly: options.readOnly });
for (const pragma of options.pragmas) database.exec(`pragma ${pragma}`);

/** @type {Map<string, Prepared>} */
const statements = new Map();

/** Least recently used last out: a hit moves to the end of the map.
 * @param {string} sql @returns {Prepared} */
function prepare(sql) {
  let prepared = statements.get(sql);
  if (prepared) {
    statements.delete(sql);
  } else {
    const statement = database.prepare(sql);
    prepared = { statement, reads: statement.columns().length > 0 };
    const [oldest] = statements.keys();
    if (statements.size >= STATEMENT_CACHE_SIZE && oldest !== undefined) statements.delete(oldest);
  }
  statements.set(sql, prepared);
  return prepared;
}

/** @param {Step} step @returns {import('./protocol.ts').StepResult} */
function runStep({ sql, parameters }) {
  const { statement, reads } = prepare(sql);
  if (reads) return { rows: statement.all(...parameters), changes: 0 };
  return { rows: [], changes: Number(statement.run(...parameters).changes) };
}

/** SQLite itself ends a transaction on some errors (disk full, I/O). What follows must not run outside of it.
 * @param {RunRequest} request */
function runRequest({ steps, within }) {
  if (within && !database.isTransaction) throw new Error('the transaction was rolled back by an earlier error');
  return steps.map(runStep);
}

/** @param {unknown} error @returns {ThreadAnswer['error']} */
function describeError(error) {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'sqliteExtendedCode' in error ? Number(error.sqliteExtendedCode) : null;
  return { message, code };
}

/** @param {ThreadRequest} request @returns {ThreadAnswer} */
function answer(request) {
  try {
    if (request.kind === 'close') database.close();
    const results = request.kind === 'run' ? runRequest(request) : [];
    return { id: request.id, results, error: null };
  } catch (error) {
    return { id: request.id, results: [], error: describeError(error) };
  }
}

parentPort?.on('message', (/** @type {ThreadRequest[]} */ requests) => {
  // oxlint-disable-next-line require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(requests.map(answer));
  if (requests.some(({ kind }) => kind === 'close')) parentPort?.close();
});
