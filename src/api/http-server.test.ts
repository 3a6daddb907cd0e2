import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, test } from 'vitest';

import { createHttpServer } from './http-server.ts';

interface Asked {
  readonly status: number | undefined;
  /** Did it come to the listener? */
  readonly seen: boolean;
}

async function ask(headers: Readonly<Record<string, string | readonly string[]>>): Promise<Asked> {
  let seen = false;
  const limits = { headerTimeoutMs: 10_000, bodyTimeoutMs: 10_000 };
  const listener: Parameters<typeof createHttpServer>[0] = (_request, response) => {
    seen = true;
    response.end();
  };
  const server = createHttpServer(listener, { limits, tls: null });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const sent = request({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false });
  for (const [name, value] of Object.entries(headers)) sent.setHeader(name, value);
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  server.closeAllConnections();
  server.close();
  return { status: answer.statusCode, seen };
}

/** `host` and `connection` come by themselves. */
const soMany = (headers: number) =>
  Object.fromEntries(Array.from({ length: headers - 2 }, (_, no) => [`x-${no}`, '1']));

test('a request with more headers than are read is refused, and not read without them', async () => {
  expect(await ask(soMany(100))).toEqual({ status: 200, seen: true });
  expect(await ask(soMany(101))).toEqual({ status: 431, seen: false });
  expect(await ask(soMany(300))).toEqual({ status: 431, seen: false });
});

test('a request for two hosts is refused, also where both are the same', async () => {
  expect(await ask({ host: ['127.0.0.1', 'evil.example'] })).toEqual({ status: 400, seen: false });
  expect(await ask({ Host: ['localhost', 'localhost'] })).toEqual({ status: 400, seen: false });
  expect(await ask({ 'x-two': ['1', '2'] })).toEqual({ status: 200, seen: true });
});
