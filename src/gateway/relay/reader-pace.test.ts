/** The bytes of an answer on a real socket, as HTTP frames them. */

import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import { systemClock } from '../../kernel/index.ts';
import { ReaderPace } from './reader-pace.ts';

const PIECES = ['data: one\n\n', '', 'data: zwölf\n\n', 'data: [DONE]\n\n'];
const CHUNKS = 'b\r\ndata: one\n\n\r\ne\r\ndata: zwölf\n\n\r\ne\r\ndata: [DONE]\n\n\r\n0\r\n\r\n';

/** Answers each request with the pieces, one a turn. */
async function startPieces(): Promise<number> {
  const server = createServer((_, response) => void tell(response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => new Promise((closed) => void server.close(() => closed())));
  return (server.address() as AddressInfo).port; // a TCP server has an AddressInfo
}

async function tell(response: ServerResponse): Promise<void> {
  const reader = new ReaderPace({ response, clock: systemClock, stalledReaderMs: 10_000, onStalled: () => {} });
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const piece of PIECES) {
    reader.write(Buffer.from(piece));
    await new Promise((turned) => setImmediate(turned));
  }
  reader.end();
}

/** What the server sends until it hangs up. */
function exchange(port: number, requests: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(requests));
    socket.setEncoding('utf8').on('data', (data: string) => (text += data));
    socket.once('end', () => resolve(text)).once('error', reject);
  });
}

const bodies = (answers: string): readonly string[] =>
  answers
    .split('HTTP/1.1 200 OK')
    .slice(1)
    .map((answer) => answer.slice(answer.indexOf('\r\n\r\n') + 4));

test('every piece is a chunk, also of an answer that waits behind another one on its connection', async () => {
  const port = await startPieces();

  const ask = 'GET / HTTP/1.1\r\nhost: a\r\n';
  const answers = await exchange(port, `${ask}\r\n${ask}connection: close\r\n\r\n`);

  expect(bodies(answers)).toEqual([CHUNKS, CHUNKS]);
});

test('a client that knows no chunks gets the bytes as they are', async () => {
  const port = await startPieces();

  const answer = await exchange(port, 'GET / HTTP/1.0\r\n\r\n');

  expect(bodies(answer)).toEqual([PIECES.join('')]);
});
