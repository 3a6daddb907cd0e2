import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

import { expect, test } from 'vitest';

import { systemClock } from '../kernel/index.ts';
import { createHttpServer } from './http-server.ts';

const LIMITS = { headerTimeoutMs: 10_000, bodyTimeoutMs: 10_000 };

interface Asked {
  readonly status: number | undefined;
  /** Did it come to the listener? */
  readonly seen: boolean;
}

async function ask(headers: Readonly<Record<string, string | readonly string[]>>): Promise<Asked> {
  let seen = false;
  const listener: Parameters<typeof createHttpServer>[0] = (_request, response) => {
    seen = true;
    response.end();
  };
  const server = createHttpServer(listener, { limits: LIMITS, tls: null, clock: systemClock });
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

interface Heard {
  readonly text: string;
  /** Null: the connection ended as it should. */
  readonly fault: string | null;
}

/** Sends as a proxy does: writes half of the body, the rest when the answer has begun, and reads then. */
async function sendInHalves(head: string, listener: Parameters<typeof createHttpServer>[0]): Promise<Heard> {
  const server = createHttpServer(listener, { limits: LIMITS, tls: null, clock: systemClock });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const half = Buffer.alloc(4_000_000, 'x');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let text = '';
  let fault: string | null = null;
  socket.on('error', (error: NodeJS.ErrnoException) => (fault = error.code ?? error.message));
  socket.on('data', (bytes) => {
    if (text === '') socket.write(half);
    text += bytes.toString();
  });
  socket.write(`POST / HTTP/1.1\r\n${head}connection: close\r\ncontent-length: ${2 * half.length}\r\n\r\n`);
  socket.write(half);
  await new Promise((resolve) => socket.once('close', resolve));
  server.close();
  return { text, fault };
}

const ONE_HOST = 'host: localhost\r\n';

test.each<[string, string, Parameters<typeof createHttpServer>[0]]>([
  ['200 OK', ONE_HOST, (_, response) => response.end()],
  ['404 Not Found', ONE_HOST, (_, response) => response.writeHead(404, { 'content-length': 4 }).end('none')],
  ['400 Bad Request', ONE_HOST + ONE_HOST, () => {}],
])('who hears %s in the middle of his request can finish it', async (status, head, listener) => {
  const heard = await sendInHalves(head, listener);

  expect(heard).toEqual({ text: expect.stringContaining(`HTTP/1.1 ${status}`) as string, fault: null });
});

test('who answers in the middle of a request is told when his answer has gone', async () => {
  let isTold = false;

  await sendInHalves(ONE_HOST, (_, response) => response.end('so', () => (isTold = true)));

  expect(isTold).toBe(true);
});

const UPGRADE = `GET /link HTTP/1.1\r\n${ONE_HOST}connection: Upgrade\r\nupgrade: websocket\r\n\r\n`;

test('a client that resets the connection which it has asked to upgrade harms nobody', async () => {
  let take: (stream: Duplex) => void = () => {};
  const taken = new Promise<Duplex>((resolve) => (take = resolve));
  const takeUpgrade = (_request: IncomingMessage, stream: Duplex): boolean => {
    take(stream);
    return true;
  };
  const server = createHttpServer(() => {}, { limits: LIMITS, tls: null, clock: systemClock, takeUpgrade });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write(UPGRADE);
  const stream = await taken;

  client.resetAndDestroy();
  await new Promise((resolve) => stream.once('close', resolve));

  expect(stream.destroyed).toBe(true);
  server.close();
});

test('an upgrade that nobody takes is answered, and its connection ends', async () => {
  const server = createHttpServer(() => {}, { limits: LIMITS, tls: null, clock: systemClock });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  client.on('data', (bytes) => (text += bytes.toString()));
  client.write(UPGRADE);

  await once(client, 'end');
  client.end('more');
  await once(client, 'close');

  expect(text).toMatch(/^HTTP\/1\.1 404 /);
  await new Promise((resolve) => server.close(resolve));
});
