/** Answers that are given before a body has come whole, to a sender like a proxy, who reads after he has written. */

import { connect } from 'node:net';

import { expect, test } from 'vitest';

import { closedAfterEach } from '../../../test/support/closed-after-each.ts';
import { startGateway } from '../../../test/support/gateway-rig.ts';
import type { GatewayRig } from '../../../test/support/gateway-rig.ts';

const opened = closedAfterEach();

interface Heard {
  readonly status: string | undefined;
  /** Null: the connection ended as it should. */
  readonly fault: string | null;
}

/** Writes half of the body, and the rest when the answer has begun. */
function send({ url }: GatewayRig, path: string, bodyBytes: number): Promise<Heard> {
  const half = Buffer.alloc(bodyBytes / 2, 'x');
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: ${bodyBytes}\r\n\r\n`);
  socket.write(half);
  let text = '';
  let fault: string | null = null;
  socket.on('data', (bytes) => {
    if (text === '') socket.write(half);
    text += bytes.toString();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => (fault = error.code ?? error.message));
  return new Promise((resolve) => {
    socket.once('close', () => resolve({ status: text.split(' ', 2)[1], fault }));
  });
}

test.each([
  ['a path that nobody knows', '/v1/chat/nonsense', '404'],
  ['a body beyond the limit', '/v1/chat/completions', '413'],
])('%s is told, and the sender can finish his sentence', async (_, path, status) => {
  const rig = opened(await startGateway([], { limits: { bodyBytes: 100_000 } }));

  expect(await send(rig, path, 8_000_000)).toEqual({ status, fault: null });
});
