/** Opening and closing the two doors: the TCP front door and the operator's unix socket. */

import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { Server as TlsServer } from 'node:https';
import { dirname } from 'node:path';

import { AppError } from '../contract/index.ts';
import { findPortHolder } from '../instances/index.ts';
import { hasCode } from '../kernel/index.ts';

interface TcpAddress {
  readonly bind: string;
  /** 0: any free port. */
  readonly port: number;
}

/** Resolves with the base URL. Rejects with PORT_TAKEN that names the holder when it can be found out. */
export async function listenTcp(server: Server, { bind, port }: TcpAddress): Promise<string> {
  try {
    await listening(server, () => server.listen(port, bind));
  } catch (error) {
    throw hasCode(error, 'EADDRINUSE') ? portTaken(bind, port, error) : error;
  }
  const address = server.address();
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  return `${server instanceof TlsServer ? 'https' : 'http'}://${nameOf(bind)}:${actual}`;
}

/** By which this machine reaches what listens there. */
function nameOf(bind: string): string {
  if (bind === '0.0.0.0') return '127.0.0.1';
  if (bind === '::') return '[::1]';
  return bind.includes(':') ? `[${bind}]` : bind;
}

/** The lock of the home is ours: a socket file that lies there is a dead controller's. */
export async function listenSocket(server: Server, path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  rmSync(path, { force: true });
  await listening(server, () => server.listen(path));
  chmodSync(path, 0o600);
}

/** Ends the door and every connection through it. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function listening(server: Server, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    listen();
  });
}

function portTaken(bind: string, port: number, cause: unknown): AppError {
  const holder = findPortHolder(port);
  const by = holder === null ? 'another program' : `${holder.command} (pid ${holder.pid})`;
  return new AppError('PORT_TAKEN', `the front door ${bind}:${port} is taken by ${by}`, {
    hint: 'set DROVER_PORT to a free port, or stop that program',
    cause,
  });
}
