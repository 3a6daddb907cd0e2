/** A way to a port of loopback that counts the bytes that go there, and does something when so many have gone. */

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface TollBridge extends AsyncDisposable {
  readonly url: string;
  /** Bytes that have gone to the port since it opened. */
  passed(): number;
  /** Once, when `bytes` more have gone: all its connections end, and then this is done. */
  cutAfter(bytes: number, onCut?: () => void): void;
}

export async function openTollBridge(port: number): Promise<TollBridge> {
  const open = new Set<Socket>();
  let passed = 0;
  let toll: { readonly at: number; readonly onCut: () => void } | null = null;

  function count(bytes: number): void {
    passed += bytes;
    if (toll === null || passed < toll.at) return;
    const { onCut } = toll;
    toll = null;
    for (const socket of open) socket.destroy();
    onCut();
  }

  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => {}); // the other end hears of it
      socket.on('close', () => {
        open.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (bytes) => count(bytes.length));
    near.pipe(far);
    far.pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed: () => passed,
    cutAfter: (bytes, onCut = () => {}) => void (toll = { at: passed + bytes, onCut }),
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}
