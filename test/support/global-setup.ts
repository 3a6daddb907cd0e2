/**
 * Lends test files the one PostgreSQL of a run. It is started when the first file asks, over a socket of this process,
 * so that runs which need no database pay nothing; it is stopped when the run ends.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findPostgres, startPostgres } from './postgres.mjs';
import type { RunningPostgres } from './postgres.mjs';

/** Environment of test files: the URL itself, or the socket that answers with it. */
export const POSTGRES_URL = 'DROVER_TEST_POSTGRES_URL';
export const POSTGRES_LENDER = 'DROVER_TEST_POSTGRES_LENDER';

export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env[POSTGRES_URL] || process.env[POSTGRES_LENDER] || findPostgres() === null) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'drover-lend-'));
  const path = join(folder, 'lender.sock');
  let running: Promise<RunningPostgres> | null = null;
  const server = createServer((socket) => {
    running ??= startPostgres();
    running.then(
      ({ url }) => socket.end(url),
      (error: Error) => socket.destroy(error),
    );
    socket.on('error', (error) => console.error(`PostgreSQL for tests: ${error.message}`));
  });
  await listen(server, path);
  process.env[POSTGRES_LENDER] = path;
  return async () => {
    delete process.env[POSTGRES_LENDER];
    server.close();
    rmSync(folder, { recursive: true, force: true });
    await (await running)?.stop();
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => server.once('error', reject).listen(path, resolve));
}
