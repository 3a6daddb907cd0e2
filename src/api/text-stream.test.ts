/** Text to readers over real connections: their pace is kept, and one who has stopped is cut only where that was asked for. */

import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';

import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { afterEach, expect, test } from 'vitest';

import { settled } from '../../test/support/settled.ts';
import { TestClock } from '../kernel/index.ts';
import { sendText } from './text-stream.ts';
import type { TextStreamOptions } from './text-stream.ts';

const PIECE = 'x'.repeat(64 * 1024);
let app: FastifyInstance;

afterEach(() => app.close());

interface Sender {
  readonly url: string;
  /** Pieces that have been asked for so far. */
  readonly asked: () => number;
  /** Resolves when nobody will ask for another one. */
  readonly over: Promise<void>;
}

/** A stream without an end. */
async function endless(options: TextStreamOptions): Promise<Sender> {
  let asked = 0;
  let end = (): void => {};
  const over = new Promise<void>((resolve) => (end = resolve));
  async function* pieces(): AsyncGenerator<string> {
    try {
      for (;;) {
        asked++;
        yield PIECE;
      }
    } finally {
      end();
    }
  }
  app = fastify();
  app.get('/', (_request, reply) => sendText(reply, pieces, options));
  return { url: await app.listen({ port: 0, host: '127.0.0.1' }), asked: () => asked, over };
}

/** Takes what the kernel holds and no more. */
function stoppedReader(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, (response) => {
      response.on('error', () => {});
      resolve(response.pause());
    }).on('error', reject);
  });
}

test('a reader who has stopped holds the sender back, and is cut after a minute', async () => {
  const clock = new TestClock();
  const sender = await endless({ cutStopped: { clock } });
  const reader = await stoppedReader(sender.url);
  await settled(sender.asked);

  await clock.advance(59_000);
  expect(reader.destroyed).toBe(false);
  await clock.advance(2_000);

  await sender.over;
  reader.resume();
  await expect.poll(() => reader.errored, { timeout: 10_000 }).toMatchObject({ code: 'ECONNRESET' });
});

test('a reader of a log may pause, goes on, and his going ends the reading', async () => {
  const sender = await endless({});
  const reader = await stoppedReader(sender.url);
  await settled(sender.asked);
  const before = sender.asked();

  reader.resume();
  await expect.poll(sender.asked, { timeout: 10_000 }).toBeGreaterThan(before + 10);
  reader.destroy();

  await sender.over;
});
