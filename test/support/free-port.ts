/** Ports for what a test starts: nobody else of the run is given the same, nor does the kernel lend them to connections. */

import { createServer } from 'node:net';

/** Below the ports of outgoing connections (32768 and more), above those that programs have by default. */
const FIRST = 20_000;
const PER_WORKER = 500;
const WORKERS = 16;

/** Workers of vitest that run at the same time have different numbers. */
const worker = Number(process.env['VITEST_POOL_ID'] ?? process.pid) % WORKERS;
let next = Math.floor(Math.random() * PER_WORKER);

/** One that nobody listens on, and that no other caller has been given. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + worker * PER_WORKER + (next++ % PER_WORKER);
    if (await canListen(port)) return port;
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((tell) => {
    const server = createServer();
    server.once('error', () => tell(false));
    server.listen(port, () => server.close(() => tell(true)));
  });
}
