import { expect, test } from 'vitest';

import { TestClock } from '../../kernel/index.ts';
import type { Message } from './messages.ts';
import { createPosted, STORE_RETRY_MS } from './posted.ts';

function rig(patienceMs = 0) {
  const clock = new TestClock();
  const turns: (readonly Message[])[] = [];
  const posted = createPosted({
    clock,
    patienceFor: () => patienceMs,
    onDue: () => void turns.push(posted.take()),
  });
  return { clock, posted, turns };
}

const LOOK: Message = { kind: 'look' };
const DEVICES: Message = { kind: 'devices', host: 'here' };

test('what can wait is taken together when its time is over', async () => {
  const { clock, posted, turns } = rig(10);

  posted.add(DEVICES);
  posted.add(LOOK);
  await clock.advance(10);

  expect(turns).toEqual([[DEVICES, LOOK]]);
});

test('what the store refused comes again in its order, a look once only, and who asked is told at once', async () => {
  const { clock, posted, turns } = rig();
  const told: unknown[] = [];
  const reply = { resolve: () => {}, reject: (error: unknown) => void told.push(error) };

  posted.putOff([DEVICES, LOOK, { kind: 'kill', batchId: 'b', reply }], 'away');
  posted.putOff([LOOK, DEVICES], 'away');
  expect(told).toEqual(['away']);
  await clock.advance(STORE_RETRY_MS);

  expect(turns).toEqual([[DEVICES, LOOK, DEVICES]]);
});

test('once it is closed everything is refused, also what the last turn could not store', async () => {
  const { posted } = rig(10);
  const told: string[] = [];
  const outcomes = (name: string): Message => {
    const reject = (): void => void told.push(name);
    return { kind: 'outcomes', host: 'here', outcomes: [], reply: { resolve: () => {}, reject } };
  };

  posted.add(outcomes('waited'));
  posted.close();
  posted.add(outcomes('late'));
  posted.putOff([outcomes('undone')], 'away');
  posted.refuseRest();

  expect(told).toEqual(['late', 'undone', 'waited']);
});
