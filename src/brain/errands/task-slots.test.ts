import { expect, test } from 'vitest';

import { FakeInference } from '../../../test/support/fake-inference.ts';
import { silentLog, TestClock } from '../../kernel/index.ts';
import { createBook } from '../book.ts';
import type { Message, Reply } from '../turn/messages.ts';
import type { TurnLoop } from '../turn/turn-loop.ts';
import { createTaskSlots } from './task-slots.ts';

type Turns = Pick<TurnLoop, 'book' | 'post' | 'ask'>;

/** Turns that take every slot offered, or refuse it, and keep what was posted. */
function rig({ refusing = false } = {}) {
  const inference = new FakeInference();
  const clock = new TestClock(0);
  const posted: Message[] = [];
  const book = createBook({ epoch: 1, hosts: new Map(), acquiring: new Map(), checking: new Set() });
  const turns: Turns = {
    book,
    post: (message) => void posted.push(message),
    ask: <T>(make: (reply: Reply<T>) => Message) =>
      new Promise<T>((resolve, reject) => {
        const message = make({ resolve, reject });
        posted.push(message);
        if (refusing) reject(new Error('the turn was undone'));
        else if (message.kind === 'slot') message.reply.resolve();
      }),
  };
  const end = new AbortController();
  const slots = createTaskSlots({ inference, clock, log: silentLog, signal: end.signal, loop: () => turns });
  return { inference, clock, posted, book, slots };
}

test('a slot that a turn has taken is held until its attempt is over, and given back once', async () => {
  const { inference, posted, slots } = rig();

  await slots.acquire(7, 'demo');
  const [offered] = posted;
  if (offered?.kind === 'slot') slots.keep('b/t/1', offered.slot);
  expect(inference.slotsHeld).toBe(1);

  slots.release('b/t/1');
  slots.release('b/t/1');
  expect(inference.slotsHeld).toBe(0);
});

test('a slot that no turn took goes back at once, and the task asks again a second later', async () => {
  const { inference, clock, posted, slots } = rig({ refusing: true });

  const asked = slots.acquire(7, 'demo');
  await clock.advance(999);
  expect(inference.slotsHeld).toBe(0);
  expect(posted.map(({ kind }) => kind)).toEqual(['slot']);

  await clock.advance(1);
  await asked;
  expect(posted.at(-1)).toEqual({ kind: 'no-slot', id: 7 });
});

test('whoever stops waiting hears so at once', async () => {
  const { inference, book, posted, slots } = rig();
  inference.acquireSlot = ({ signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('given up'))));

  const asked = slots.acquire(7, 'demo');
  expect(book.acquiring.get(7)).toMatchObject({ model: 'demo' });
  slots.stopWaiting(7);
  await asked;

  expect(posted).toEqual([{ kind: 'no-slot', id: 7 }]);
});

test('the slot of an attempt that has outlived the controller is held again under its old token', () => {
  const { inference, slots } = rig();
  const slot = { instance: 'demo-0', tokenHash: 'hash' };

  slots.restore('b/t/1', slot);
  expect(inference.restored).toEqual([slot]);

  slots.release('b/t/1');
  expect(inference.slotsHeld).toBe(0);
});
