/** When a card is distrusted for memory that did not come back. */

import { expect, test } from 'vitest';

import { createMemoryLedger } from '../../devices/index.ts';
import { silentLog, TestClock } from '../../kernel/index.ts';
import { taskOwner } from './device-agent.ts';
import { createMemoryReturn, PATIENCE_MS } from './memory-return.ts';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const attempt = { batchId: 'b', task: 't', no: 1 };

/** An attempt that held 2 GiB has just ended on a card of which `usual` was in use by strangers. */
function afterEnd(usual = 0) {
  const clock = new TestClock();
  const ledger = createMemoryLedger();
  const distrusted: string[] = [];
  const observe = (observedBytes: number | null): void =>
    ledger.observe('gpu0', { totalBytes: 6 * GIB, observedBytes, temperatureC: null });
  const memory = createMemoryReturn({
    devices: {
      ledger,
      distrust: (device, reason) => distrusted.push(`${device}: ${reason}`),
      unexplainedBytes: (device) => ledger.picture(device)?.strangersBytes ?? null,
    },
    isOurs: () => false,
    clock,
    log: silentLog,
  });
  const look = async (observedBytes: number | null, ms = 5_000): Promise<void> => {
    await clock.advance(ms);
    observe(observedBytes);
    memory.look();
  };
  observe(usual);
  ledger.reserve({ owner: taskOwner(attempt), kind: 'task', shares: [{ device: 'gpu0', bytes: 2 * GIB }] });
  ledger.noteUse(taskOwner(attempt), 2 * GIB);
  observe(usual + 2 * GIB);
  memory.look();
  memory.left({ attempt, device: 'gpu0', peakMemoryBytes: 2 * GIB });
  ledger.release(taskOwner(attempt));
  return { look, distrusted };
}

test('what stays in use for long enough is told with the attempt that held it', async () => {
  const { look, distrusted } = afterEnd();

  for (let waited = 0; waited < PATIENCE_MS - 5_000; waited += 5_000) await look(2 * GIB);
  const early = [...distrusted];
  await look(2 * GIB);
  await look(2 * GIB);

  expect(early).toEqual([]);
  expect(distrusted).toEqual(['gpu0: 2.0 GiB did not come back after b/t#1 ended']);
});

test.each([
  ['comes back, if late', 2 * GIB, 0],
  ['comes back but for a little', 2 * GIB, 200 * MIB],
  ['is not measured any more', 2 * GIB, null],
])('nothing is said of memory that %s', async (_title, at, later) => {
  const { look, distrusted } = afterEnd();

  await look(at);
  for (let looks = 0; looks < 6; looks++) await look(later);

  expect(distrusted).toEqual([]);
});

test('what strangers used before is not held against the card', async () => {
  const { look, distrusted } = afterEnd(3 * GIB);

  for (let looks = 0; looks < 6; looks++) await look(3 * GIB);

  expect(distrusted).toEqual([]);
});
