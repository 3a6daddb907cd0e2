import { expect, test } from 'vitest';

import { makeSpec } from '../../../test/support/make-spec.ts';
import { AppError } from '../../contract/index.ts';
import type { DeviceReport } from '../../contract/index.ts';
import type { WaitedFor, WakeCourse } from '../../gateway/index.ts';
import { silentLog, TestClock } from '../../kernel/index.ts';
import type { Resident } from './eviction.ts';
import { createRoomMaker } from './room-maker.ts';
import type { Swap } from './room-maker.ts';

const GIB = 1024 ** 3;
const card = {
  id: 'cpu',
  kind: 'cpu',
  totalBytes: 10 * GIB,
  taskReservedBytes: 0,
  roles: ['instances'],
  condition: 'normal',
};

/** One card that holds one of two models; `a` is on it, or nothing. A load has the room at once, and is told of at its end. */
function rig({ isEmpty = false, loadMs = 0, knownAfterMs = 0, isToldBlank = false } = {}) {
  const clock = new TestClock();
  const bornAt = clock.now();
  const log: string[] = [];
  const told: WakeCourse[] = [];
  const swaps: Swap[] = [];
  const waited: { now: WaitedFor | null } = { now: { ms: 0, class: 'interactive' } };
  let there: Resident[] = isEmpty ? [] : [resident('a', clock.now())];
  let isLoading = false;
  const room = createRoomMaker({
    // what the decision reads of a device
    devices: () => (clock.now() - bornAt >= knownAfterMs ? [card as unknown as DeviceReport] : []),
    residents: () => there,
    windowMs: () => 10_000,
    holdBack(name) {
      log.push(`hold ${name}`);
      return { [Symbol.dispose]: () => log.push(`let ${name}`) };
    },
    putToSleep(name) {
      log.push(`sleep ${name}`);
      there = there.filter((one) => one.name !== name);
      return Promise.resolve();
    },
    clock,
    log: silentLog,
    onSwapped: (swap) => swaps.push(swap),
  });
  const load = (name: string): Promise<void> =>
    room.load({
      name,
      spec: makeSpec({ name, model: { memoryBytes: 8 * GIB } }),
      waiters: { longest: () => waited.now, tell: (course) => told.push(course) },
      async start() {
        log.push(`start ${name}`);
        // Its agent answers when it has come.
        if (clock.now() - bornAt < knownAfterMs) await clock.sleep(knownAfterMs);
        if (there.length > 0 || isLoading) throw new AppError('MEMORY_INSUFFICIENT', 'no room');
        isLoading = true;
        if (knownAfterMs > 0) there = [{ ...resident(name, 0), standing: 'coming', readyAt: null }];
        if (isToldBlank) there = [{ ...resident(name, 0), ...BLANK }];
        if (loadMs > 0) await clock.sleep(loadMs);
        isLoading = false;
        there = [resident(name, clock.now())];
      },
    });
  const change = (changes: Partial<Resident>): void => {
    there = there.map((one) => ({ ...one, ...changes }));
    room.look();
  };
  return { clock, log, told, swaps, waited, load, change };
}

/** An instance that starts, before its agent has chosen a device for it. */
const BLANK = { standing: 'coming', readyAt: null, devices: [], memoryBytes: 0 } as const;

function resident(name: string, readyAt: number): Resident {
  return {
    name,
    modelId: `${name}-model`,
    devices: ['cpu'],
    memoryBytes: 8 * GIB,
    standing: 'ready',
    readyAt,
    busySlots: 0,
    isWanted: false,
    usedAt: 0,
  };
}

test('whoever waits is told who has the memory and from when it may be had, and then that it is made and loaded', async () => {
  const { clock, told, swaps, load } = rig();
  const since = clock.now();
  const loaded = load('b');

  await clock.advance(10_000);
  await loaded;

  expect(told[0]).toEqual({ kind: 'awaiting-room', instances: ['a'], at: since + 10_000 });
  expect(told.slice(-2)).toEqual([{ kind: 'making-room', instances: ['a'] }, { kind: 'loading' }]);
  expect(swaps).toEqual([{ victims: ['a-model'], wanted: 'b' }]);
});

test('what was loaded stays for a window; then it makes room, and is held back until the other one is there', async () => {
  const { clock, log, load } = rig();
  const loaded = load('b');

  await clock.advance(9_000);
  expect(log).toEqual([]);
  await clock.advance(1_000);
  await loaded;

  expect(log).toEqual(['hold a', 'sleep a', 'start b', 'let a']);
});

test('one that is used finishes what runs before it goes', async () => {
  const { clock, log, waited, load, change } = rig();
  change({ busySlots: 1 });
  const loaded = load('b');
  await clock.advance(10_000);
  expect(log).toEqual([]);

  waited.now = { ms: 10_000, class: 'interactive' };
  await clock.advance(1_000);
  expect(log).toEqual(['hold a']);
  change({ busySlots: 0 });
  await loaded;

  expect(log).toEqual(['hold a', 'sleep a', 'start b', 'let a']);
});

test('one that makes room comes back only when the other one has had its window', async () => {
  const { clock, log, load } = rig();
  const first = load('b');
  await clock.advance(10_000);
  await first;
  const back = load('a');

  await clock.advance(9_000);
  expect(log.filter((line) => line.startsWith('start'))).toEqual(['start b']);
  await clock.advance(1_000);
  await back;

  expect(log.slice(-4)).toEqual(['hold b', 'sleep b', 'start a', 'let b']);
});

test('of two that want the same free room one gets it, and the other waits until its window is over', async () => {
  const { clock, log, load } = rig({ isEmpty: true, loadMs: 500 });
  const loaded = Promise.all([load('b'), load('c')]);

  await clock.advance(500);
  await clock.advance(9_000);
  expect(log).toEqual(['start b']);
  await clock.advance(3_000);
  await clock.advance(500);
  await loaded;

  expect(log).toEqual(['start b', 'hold b', 'sleep b', 'start c', 'let b']);
});

test('what starts keeps the room that it was promised, also while nothing is told yet of where it goes', async () => {
  const { clock, log, load } = rig({ isEmpty: true, loadMs: 500, isToldBlank: true });
  const first = load('b');
  await clock.advance(100);
  const second = load('c');

  await clock.advance(400);
  await first;
  await clock.advance(9_000);
  expect(log).toEqual(['start b']);
  await clock.advance(3_000);
  await clock.advance(500);
  await second;

  expect(log).toEqual(['start b', 'hold b', 'sleep b', 'start c', 'let b']);
});

test('of two that come before their agent one is loaded, and the other waits until its window is over', async () => {
  const { clock, log, load } = rig({ isEmpty: true, loadMs: 500, knownAfterMs: 100 });
  const loaded = Promise.all([load('b'), load('c')]);

  await clock.advance(500);
  await clock.advance(9_000);
  expect(log).toEqual(['start b', 'start c']);
  await clock.advance(3_000);
  await clock.advance(500);
  await loaded;

  expect(log).toEqual(['start b', 'start c', 'hold b', 'sleep b', 'start c', 'let b']);
});

test('nobody is sent away for a model that nobody waits for any more', async () => {
  const { clock, log, waited, load } = rig();
  const loaded = load('b');
  const ended = loaded.catch((error: unknown) => error);

  waited.now = null;
  await clock.advance(10_000);

  expect(await ended).toMatchObject({ code: 'ABORTED' });
  expect(log).toEqual([]);
});

test('the reason is told when whoever could go would not be enough', async () => {
  const { load, change } = rig();
  change({ standing: 'fixed' });

  await expect(load('b')).rejects.toMatchObject({ code: 'MEMORY_INSUFFICIENT' });
});
