/** The least that a relay in Node can do: node:http in, an undici pool out, bytes passed on. No queue, no parsing. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';

const pool = new Pool(`http://127.0.0.1:${process.argv[2]}`, { pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    pool.dispatch(
      {
        path: request.url ?? '/',
        method: 'POST',
        headers: ['content-type', 'application/json'],
        body: Buffer.concat(chunks),
      },
      {
        onRequestStart: () => {},
        onResponseStart: (_, status, headers) => {
          response.writeHead(status, { 'content-type': headers['content-type'] ?? 'application/json' });
        },
        onResponseData: (controller, bytes) => {
          if (response.write(bytes)) return;
          controller.pause();
          response.once('drain', () => controller.resume());
        },
        onResponseEnd: () => void response.end(),
        onResponseError: () => void response.destroy(),
      },
    );
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening on ${(server.address() as AddressInfo).port}\n`); // a TCP server has an AddressInfo
});
