/** The link against a socket that is not real: greeting, order of frames, dialling again, obedience. */

import { EventEmitter } from 'node:events';

import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';

import { LEASE } from '../../contract/index.ts';
import type { AgentFrame, ControllerFrame } from '../../contract/index.ts';
import { TestClock, silentLog } from '../../kernel/index.ts';
import { createLink } from './link.ts';
import type { Order } from './link.ts';

class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  readonly sent: AgentFrame[] = [];
  pings = 0;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as AgentFrame);
  }

  ping(): void {
    this.pings++;
  }

  close(): void {
    this.terminate();
  }

  terminate(): void {
    if (this.readyState !== 1) return;
    this.readyState = 3;
    this.emit('close');
  }

  says(frame: ControllerFrame): void {
    this.emit('message', JSON.stringify(frame));
  }
}

const WELCOME = {
  kind: 'welcome',
  version: '1',
  controllerEpoch: 1,
  hasKeeper: false,
  revoke: [],
  acknowledged: [],
} as const;
const HELLO = {
  kind: 'hello',
  protocol: 1,
  version: '1',
  host: 'h',
  local: true,
  epoch: 1,
  pid: 1,
  devices: [],
  instances: [],
  attempts: [],
  outcomes: [],
} as const;

function rig() {
  const clock = new TestClock();
  const sockets: FakeSocket[] = [];
  const told: string[] = [];
  const orders: Order[] = [];
  const dial = (): WebSocket => {
    const socket = new FakeSocket();
    sockets.push(socket);
    // The link uses no more of a WebSocket than the fake has.
    return socket as unknown as WebSocket;
  };
  const link = createLink({
    dial,
    hello: () => ({ ...HELLO, devices: [], instances: [], attempts: [], outcomes: [] }),
    devices: () => [],
    takeProbes: () => [],
    workers: () => [],
    ended: () => ({}),
    clock,
    log: silentLog,
  });
  link.start({
    onWelcome: () => void told.push('welcome'),
    onOrder: (order) => void orders.push(order),
    onDown: () => void told.push('down'),
    onUnanswered: () => void told.push('unanswered'),
    onRefused: () => void told.push('refused'),
  });
  const last = (): FakeSocket => {
    const socket = sockets.at(-1);
    if (!socket) throw new Error('nothing was dialled');
    return socket;
  };
  const up = (): FakeSocket => {
    last().emit('open');
    last().says({ ...WELCOME, revoke: [], acknowledged: [] });
    return last();
  };
  return { clock, sockets, told, orders, link, last, up };
}

const GONE = { kind: 'instance-gone', name: 'x' } as const;

test('nothing but the hello is said before the welcome; then what was held back, in order', () => {
  const { link, last, up } = rig();
  last().emit('open');
  link.send(GONE);
  link.send({ kind: 'outcomes', outcomes: [] });
  expect(last().sent.map((frame) => frame.kind)).toEqual(['hello']);

  up();

  expect(last().sent.map((frame) => frame.kind)).toContain('instance-gone');
  expect(last().sent.map((frame) => frame.kind)).not.toContain('outcomes');
});

test('a broken link is dialled again, with longer waits, and at once after a good one', async () => {
  const { clock, sockets, told, up, last } = rig();
  up().terminate();
  expect(told).toEqual(['welcome', 'down']);

  for (let dials = 2; dials <= 5; dials++) {
    await clock.advance(1_000);
    expect(sockets).toHaveLength(dials);
    last().terminate();
  }

  expect(told).toEqual(['welcome', 'down', ...Array.from({ length: 4 }, () => 'unanswered')]);
});

test('a refusal is waited out, and somebody is there', async () => {
  const { clock, sockets, told, last } = rig();
  last().emit('open');

  last().says({ kind: 'refused', error: { code: 'PROTOCOL_MISMATCH', message: 'agent 1, controller 2', hint: null } });
  await clock.advance(9_999);
  expect(sockets).toHaveLength(1);

  await clock.advance(1);
  expect(sockets).toHaveLength(2);
  expect(told).toEqual(['refused']);
});

test('orders of a controller that has not welcomed this agent are not obeyed', () => {
  const { orders, last } = rig();
  last().emit('open');

  last().says({ kind: 'forget', name: 'x' });

  expect(orders).toEqual([]);
  expect(last().readyState).toBe(3);
});

test('a goodbye is heard even instead of a welcome', () => {
  const { orders, last } = rig();
  last().emit('open');

  last().says({ kind: 'goodbye', withAgent: true });

  expect(orders).toEqual([{ kind: 'goodbye', withAgent: true }]);
});

test('the heart beats with a sequence number, and a controller that is silent for a lease is given up', async () => {
  const { clock, up, last, sockets } = rig();
  up();

  await clock.advance(LEASE.renewMs * 2);
  expect(
    last()
      .sent.filter((frame) => frame.kind === 'heartbeat')
      .map((frame) => frame.sequence),
  ).toEqual([1, 2]);

  await clock.advance(LEASE.expiryMs);
  expect(sockets).toHaveLength(2);
});

test('a frame that is none of the protocol ends the link', () => {
  const { up, told } = rig();

  up().emit('message', 'nonsense');

  expect(told).toEqual(['welcome', 'down']);
});

test('a closed link dials no more', async () => {
  const { clock, link, sockets, up } = rig();
  up();

  link.close();
  await clock.advance(60_000);

  expect(sockets).toHaveLength(1);
});
