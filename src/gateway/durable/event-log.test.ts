import { expect, test } from 'vitest';

import { EventLog, keptOf, outputOf } from './event-log.ts';

function logOf(lives = 0): EventLog {
  const log = new EventLog(lives);
  log.append('queued', { position: 1, predicted_start_ms: null });
  log.append('started', { instance: 'alpha', queue_wait_ms: 3 });
  log.append('token', { t: 'he', i: 0 });
  log.append('token', { t: 'llo', i: 1 });
  return log;
}
const cancelled = { code: 'cancelled', message: 'by somebody', retriable: false, retry_after_ms: null };
const ids = (log: EventLog, after = 0): readonly (number | null)[] => log.after(after).map(({ id }) => id);

test('ids rise by one, and a reader gets what is behind the one that he has', () => {
  const log = logOf();

  expect(ids(log)).toEqual([1, 2, 3, 4]);
  expect(ids(log, 2)).toEqual([3, 4]);
  expect(ids(log, 4)).toEqual([]);
});

test('another life begins behind every id of the one before', () => {
  const [first] = ids(logOf(1));

  expect(first).toBeGreaterThan(2 ** 31);
  expect(ids(logOf(1), 4)).toHaveLength(4);
});

test('measurements have no id and are not kept', () => {
  const log = logOf();

  log.measure({ tokens_out: 2, tokens_per_second: 1, elapsed_ms: 9 });

  expect(log.metrics).toMatchObject({ id: null, data: { tokens_out: 2 } });
  expect(ids(log)).toEqual([1, 2, 3, 4]);
});

test('nothing follows the last event', () => {
  const log = logOf();
  log.append('error', cancelled);
  log.append('token', { t: '!', i: 2 });
  log.measure({ tokens_out: 3, tokens_per_second: 1, elapsed_ms: 9 });

  expect(log.isOver).toBe(true);
  expect(log.metrics).toBeNull();
  expect(ids(log)).toEqual([1, 2, 3, 4, 5]);
});

test('of an answer that is dropped nothing is told any more, and ids go on', () => {
  const log = logOf();
  log.dropAnswer();
  log.append('token', { t: '!', i: 2 });
  log.append('error', cancelled);

  expect(log.after(0).map(({ event }) => event)).toEqual(['queued', 'started', 'error']);
  expect(ids(log, 3)).toEqual([5]);
});

test('who listens hears of every event until he stops', () => {
  const log = new EventLog(0);
  let heard = 0;
  const listening = log.listen(() => void heard++);
  log.append('queued', { position: 0, predicted_start_ms: null });
  listening[Symbol.dispose]();
  log.append('token', { t: 'a', i: 0 });

  expect(heard).toBe(1);
});

test('the text leaves out what was thought; the end alone may be kept', () => {
  const log = logOf();
  log.append('token', { t: 'hm', i: 2, thought: true });
  log.append('error', cancelled);

  expect(outputOf(log.events)).toBe('hello');
  expect(keptOf(log.events, 'end').map(({ event }) => event)).toEqual(['error']);
  expect(keptOf(log.events, 'full')).toHaveLength(6);
});
