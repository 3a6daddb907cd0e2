/** What becomes of memory that does not come back. */

import { afterEach, beforeEach, expect, test } from 'vitest';

import { createMemoryLedger, readingOf } from '../../devices/index.ts';
import type { DeviceReading } from '../../devices/index.ts';
import { TestClock, createScope, silentLog } from '../../kernel/index.ts';
import type { Log, Scope } from '../../kernel/index.ts';
import { noteHeld, seeMemoryReturn, unreturnedBytes } from './memory-return.ts';
import type { MemoryReturnDeps } from './memory-return.ts';

const GIB = 1024 ** 3;
const CARD = readingOf({
  id: 'gpu0',
  kind: 'nvidia',
  name: 'card',
  index: 0,
  totalBytes: 24 * GIB,
  observedBytes: 8 * GIB,
});

let observedBytes: number;
let kind: DeviceReading['kind'];
let scope: Scope;
let clock: TestClock;
let warnings: unknown[];
let deps: MemoryReturnDeps;

beforeEach(() => {
  observedBytes = 8 * GIB;
  kind = 'nvidia';
  warnings = [];
  clock = new TestClock();
  scope = createScope((error) => expect.fail(String(error)));
  const ledger = createMemoryLedger();
  ledger.observe('gpu0', CARD);
  ledger.enter({ owner: 'instance:qwen', kind: 'instance', shares: [{ device: 'gpu0', bytes: 7 * GIB }] });
  const log: Log = { ...silentLog, warn: (fields: unknown) => void warnings.push(fields) };
  const readings = () => [{ ...CARD, kind, observedBytes }];
  deps = { devices: { ledger, readings, refresh: () => Promise.resolve() }, clock, log, scope };
});

afterEach(() => scope.close());

const unreturned = (): number =>
  deps.devices.ledger
    .reservations()
    .filter(({ owner }) => owner === 'unreturned:qwen')
    .reduce((sum, { bytes }) => sum + bytes, 0);

/** Notes what is held, then the engine is gone. */
function stop(): void {
  const held = noteHeld('qwen', deps);
  deps.devices.ledger.release('instance:qwen');
  scope.run(() => seeMemoryReturn('qwen', held, deps));
}

test('memory that comes back leaves nothing', async () => {
  stop();
  observedBytes = 1 * GIB;
  await clock.advance(60_000);

  expect(unreturned()).toBe(0);
  expect(warnings).toEqual([]);
});

test('memory that does not come back is kept from others and told, until a reading shows it back', async () => {
  stop();
  await clock.advance(9_000);
  const patient = unreturned();
  await clock.advance(5_000);
  const missing = unreturned();
  observedBytes = 1 * GIB;
  await clock.advance(2_000);

  expect(patient).toBe(0);
  expect(missing).toBe(7 * GIB);
  expect(warnings).toEqual([{ missing: ['gpu0: 7.0 GiB'] }]);
  expect(unreturned()).toBe(0);
});

test('a new start of the instance ends the waiting', async () => {
  stop();
  await clock.advance(12_000);
  deps.devices.ledger.release('unreturned:qwen');
  deps.devices.ledger.enter({ owner: 'instance:qwen', kind: 'instance', shares: [{ device: 'gpu0', bytes: 7 * GIB }] });
  await clock.advance(5_000);

  expect(unreturned()).toBe(0);
});

test('memory that is shared with the whole machine tells nothing', async () => {
  kind = 'cpu';
  stop();
  await clock.advance(60_000);

  expect(unreturned()).toBe(0);
});

test('what another instance has been promised is not missing', () => {
  const held = { device: 'gpu0', bytes: 7 * GIB, observedBytes: 8 * GIB };

  expect(unreturnedBytes(held, 8 * GIB, 6 * GIB)).toBe(0);
  expect(unreturnedBytes(held, 8 * GIB, 0)).toBe(7 * GIB);
  expect(unreturnedBytes(held, 6 * GIB, 0)).toBe(5 * GIB);
});
