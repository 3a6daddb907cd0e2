import { expect, test } from 'vitest';

import { device } from '../../../../../test/support/dashboard.ts';
import type { BatchProgressView } from '../../../../contract/progress.ts';
import { watchLines } from './picture.ts';
import { progressLine, roundly } from './progress-line.ts';

const NONE = { waiting: 0, ready: 0, leased: 0, running: 0, backoff: 0, succeeded: 0, failed: 0, skipped: 0, aborted: 0, cancelled: 0, parked: 0 }; // prettier-ignore
const plain = (_colour: string, text: string): string => text;

function batch(change: Partial<BatchProgressView>): BatchProgressView {
  return {
    batch_id: 'B1',
    plan: 'words',
    status: 'running',
    started_at: '2026-02-21T10:15:00.000Z',
    ended_at: null,
    tasks: { ...NONE, total: 1_000, succeeded: 500, failed: 1, running: 2, waiting: 497 },
    running: [],
    elapsed_ms: 61_400,
    eta_ms: 64_321,
    tokens_per_second: 31.4,
    ...change,
  };
}

const task = (id: string) => ({
  id,
  batch_id: 'B1',
  status: 'running' as const,
  type: 'shell' as const,
  class: 'cpu' as const,
  attempts: 1,
  device: 'cpu',
  started_at: '2026-02-21T10:15:58.000Z',
  ended_at: null,
  exit_code: null,
  reason: null,
});

test('one line says what is done, what is left and how fast it goes', () => {
  expect(progressLine(batch({}))).toBe('500/1000 done, 1 failed, 2 running, about 1m00s left, 31.4 tok/s');
  expect(progressLine(batch({ status: 'paused' }))).toBe('500/1000 done, 1 failed, 2 running, paused, 31.4 tok/s');
});

test('a guess is round', () => {
  expect([400, 1_499, 59_600, 64_321].map(roundly)).toEqual([1_000, 1_000, 60_000, 60_000]);
});

test('one failure among many is seen in the bar', () => {
  const watched = { now: Date.parse('2026-02-21T10:16:00Z'), batches: [batch({})], running: [], devices: [] };

  const lines = watchLines(watched, { columns: 120, tasks: 5 }, plain);

  expect(lines[0]).toBe('10:16:00 UTC   1 batch going, 0 tasks running');
  expect(lines.find((line) => line.startsWith('B1'))).toContain('########x>......');
});

test('what a person cancelled is not drawn like a failure', () => {
  const killed = batch({
    status: 'cancelled',
    tasks: { ...NONE, total: 100, succeeded: 50, failed: 1, cancelled: 49 },
  });
  const watched = { now: Date.parse('2026-02-21T10:16:00Z'), batches: [killed], running: [], devices: [] };

  const lines = watchLines(watched, { columns: 120, tasks: 5 }, plain);

  expect(lines.find((line) => line.startsWith('B1'))).toContain(' ########x-------  ');
});

test('what has only been handed out is listed, and not told as running', () => {
  const running = [task('a'), { ...task('b'), status: 'leased' as const, device: null, started_at: null }];
  const watched = { now: Date.parse('2026-02-21T10:16:00Z'), batches: [batch({})], running, devices: [] };

  const lines = watchLines(watched, { columns: 120, tasks: 5 }, plain);

  expect(lines[0]).toBe('10:16:00 UTC   1 batch going, 1 task running');
  expect(lines.filter((line) => /^[ab] /.test(line))).toHaveLength(2);
});

test('on a narrow screen no line goes over the edge: what matters least is left out', () => {
  const card = device('gpu0', { name: 'A card with a rather long name', why: 'too hot for more than a few words' });
  const batches = [batch({ batch_id: '20261121_192448_d4qqlw' })];
  const watched = { now: Date.parse('2026-02-21T10:16:00Z'), batches, running: [task('a')], devices: [card] };

  const lines = watchLines(watched, { columns: 40, tasks: 3 }, plain);

  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
  expect(lines.find((line) => line.startsWith('2026'))).toContain('running');
});

test('lines keep to the width, and tasks to their rows', () => {
  const running = Array.from({ length: 9 }, (_, at) => task(`transcribe_a-rather-long-name-${at}`));
  const watched = { now: Date.parse('2026-02-21T10:16:00Z'), batches: [batch({})], running, devices: [] };

  const lines = watchLines(watched, { columns: 60, tasks: 3 }, plain);

  const tables = lines.filter((line) => !line.startsWith('no device'));
  expect(Math.max(...tables.map((line) => line.length))).toBeLessThanOrEqual(60);
  expect(lines.filter((line) => line.startsWith('transcribe_'))).toHaveLength(3);
  expect(lines).toContain('and 6 more');
});

test('of a goal, what is accepted of what is wanted is told, and nothing that was turned down is a failure', () => {
  const goal = { target: 20, accepted: 5, rejected: 30, tried: 38 };
  const hunt = batch({ tasks: { ...NONE, total: 120, succeeded: 45, running: 3, rejected: 60, waiting: 12, goal } });

  const lines = watchLines({ now: 0, batches: [hunt], running: [], devices: [] }, { columns: 120, tasks: 5 }, plain);

  expect(lines.find((line) => line.startsWith('B1'))).toMatch(/ ####>>\.{10} +5\/20 +0 /);
  expect(progressLine(hunt)).toBe('5/20 accepted of 38 tried, 30 rejected, 3 running, about 1m00s left, 31.4 tok/s');
});
