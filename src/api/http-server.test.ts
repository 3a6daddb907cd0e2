import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, test } from 'vitest';

import { createHttpServer } from './http-server.ts';

/** The status that a request with so many headers gets, and whether it came to its listener. */
async function askedWith(headers: number): Promise<{ readonly status: number | undefined; readonly seen: boolean }> {
  let seen = false;
  const limits = { headerTimeoutMs: 10_000, bodyTimeoutMs: 10_000 };
  const listener: Parameters<typeof createHttpServer>[0] = (_request, response) => {
    seen = true;
    response.end();
  };
  const server = createHttpServer(listener, { limits, tls: null });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const sent = request({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false });
  // `host` and `connection` come by themselves.
  for (let no = 0; no < headers - 2; no++) sent.setHeader(`x-${no}`, '1');
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  server.closeAllConnections();
  server.close();
  return { status: answer.statusCode, seen };
}

test('a request with more headers than are read is refused, and not read without them', async () => {
  expect(await askedWith(100)).toEqual({ status: 200, seen: true });
  expect(await askedWith(101)).toEqual({ status: 431, seen: false });
  expect(await askedWith(300)).toEqual({ status: 431, seen: false });
});
