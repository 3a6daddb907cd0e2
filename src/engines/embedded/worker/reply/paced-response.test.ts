/** Over a real connection, with a client that reads when it is told to. */

import { createServer, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import { TestClock } from '../../../../kernel/index.ts';
import { PacedResponse } from './paced-response.ts';

const MORE_THAN_A_CONNECTION_HOLDS = 'x'.repeat(16 * 1024 * 1024);

interface Stage {
  readonly clock: TestClock;
  readonly stream: PacedResponse;
  readonly answer: IncomingMessage;
  readonly told: readonly string[];
}

async function stage(): Promise<Stage> {
  const clock = new TestClock();
  const told: string[] = [];
  const tell = (what: string) => (): void => void told.push(what);
  const made = new Promise<PacedResponse>((resolve) => {
    const server = createServer((_, response) => {
      const stream = new PacedResponse(response, clock);
      stream.paces([{ cancel: tell('cancel'), hold: tell('hold'), goOn: tell('goOn') }]);
      stream.write('begin');
      resolve(stream);
    });
    onTestFinished(() => void server.close());
    server.listen(0, '127.0.0.1', () => {
      request({ port: (server.address() as AddressInfo).port, agent: false }, (answer) => opened(answer)).end();
    });
  });
  let opened: (answer: IncomingMessage) => void = () => {};
  const answered = new Promise<IncomingMessage>((resolve) => (opened = resolve));
  const [stream, answer] = await Promise.all([made, answered]);
  answer.on('error', () => {}); // cut off, as some tests want it
  onTestFinished(() => void answer.destroy());
  return { clock, stream, answer, told };
}

test('a reader that keeps up is never held', async () => {
  const { stream, answer, told } = await stage();
  answer.resume();

  stream.write('some text');
  stream.end('the end');
  await new Promise((resolve) => answer.once('close', resolve));

  expect(told).toEqual(['cancel']);
});

test('a reader that is behind holds its generations until it has caught up', async () => {
  const { stream, answer, told } = await stage();

  stream.write(MORE_THAN_A_CONNECTION_HOLDS);
  const toldAtOnce = [...told];
  answer.resume();

  expect(toldAtOnce).toEqual(['hold']);
  await expect.poll(() => told).toEqual(['hold', 'goOn']);
});

test('a reader that does not read at all is cut off after half a minute', async () => {
  const { clock, stream, told } = await stage();

  stream.write(MORE_THAN_A_CONNECTION_HOLDS);
  await clock.advance(29_000);
  const toldBefore = [...told];
  await clock.advance(2_000);

  expect(toldBefore).toEqual(['hold']);
  await expect.poll(() => told).toEqual(['hold', 'cancel']);
});
