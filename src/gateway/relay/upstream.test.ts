import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

import { expect, test } from 'vitest';

import { createUpstreams } from './upstream.ts';

test('a call that is aborted while there is no connection yet is over at once, and told once', async () => {
  const engine = createServer((socket) => socket.resume());
  await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
  const { port } = engine.address() as AddressInfo; // a TCP server has an AddressInfo
  const upstreams = createUpstreams(() => false);
  const told: unknown[] = [];
  const call = upstreams.post(
    {
      instance: 'alpha',
      kind: 'embedded',
      origin: `http://127.0.0.1:${port}`,
      prefix: '',
      key: null,
      upstreamModel: null,
      device: 'cpu',
    },
    { path: '/v1/chat/completions', contentType: 'application/json', body: Buffer.from('{}') },
    { onHead: () => {}, onData: () => {}, onEnd: () => {}, onError: (error) => told.push(error) },
  );
  const gone = new Error('the client left');

  call.abort(gone);

  expect(told).toEqual([gone]);
  await upstreams.close();
  await new Promise((resolve) => engine.close(resolve));
  expect(told).toEqual([gone]);
});
