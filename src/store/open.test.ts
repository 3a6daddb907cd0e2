import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

import { expect, test } from 'vitest';

import { silentLog, TestClock } from '../kernel/index.ts';
import { openStore } from './open.ts';

const open = (url: string): Promise<unknown> => openStore({ url, log: silentLog, clock: new TestClock() });

/** A loopback port that nobody listens on: taken, and given back. */
async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('a URL of an unknown scheme is refused with the ones there are', async () => {
  await expect(open('mysql://localhost/drover')).rejects.toMatchObject({
    code: 'STORE_FAILED',
    hint: expect.stringContaining('sqlite:PATH'),
  });
});

test('a server that does not answer is named without its password, and with what to check', async () => {
  const place = `localhost:${await unusedPort()}/drover`;

  const error: unknown = await open(`postgres://user:secret@${place}`).catch((thrown: unknown) => thrown);

  expect(error).toMatchObject({ code: 'STORE_FAILED', hint: expect.stringContaining('DROVER_DATABASE_URL') });
  expect(error).toMatchObject({ message: expect.stringContaining(place) });
  expect(error).not.toMatchObject({ message: expect.stringContaining('secret') });
});
