/** The spool: what is appended stays until it is acknowledged, through every kind of restart. */

import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import type { Outcome } from '../../contract/index.ts';
import { TestClock } from '../../kernel/index.ts';
import { FLUSH_DELAY_MS, openSpool } from './spool.ts';
import type { Spool } from './spool.ts';

let folder: string;
let clock: TestClock;
const opened: Spool[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-spool-'));
  clock = new TestClock();
});

afterEach(() => {
  for (const spool of opened.splice(0)) spool[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

const path = (): string => join(folder, 'spool', 'outcomes.jsonl');

function open(): Spool {
  const spool = openSpool(path(), clock, (error) => {
    throw error;
  });
  opened.push(spool);
  return spool;
}

function outcomeOf(task: string, tail = ''): Outcome {
  return {
    attempt: { batchId: 'b', task, no: 1 },
    epoch: 1,
    result: 'exited',
    exitCode: 0,
    signal: null,
    missing: [],
    device: 'cpu',
    startedAt: 1,
    endedAt: 2,
    peakMemoryBytes: null,
    tail,
  };
}

test('an outcome survives a restart until it is acknowledged', () => {
  const first = open();
  first.append(outcomeOf('a'));
  first.append(outcomeOf('b'));
  first.acknowledge([outcomeOf('a').attempt]);

  const second = open();
  expect(second.pending()).toEqual([outcomeOf('b')]);
  expect(second.has(outcomeOf('a').attempt)).toBe(false);

  second.acknowledge([outcomeOf('b').attempt]);
  expect(open().pending()).toEqual([]);
});

test('a torn last line is dropped, and what is appended after it is not', () => {
  open().append(outcomeOf('a'));
  appendFileSync(path(), '{"outcome":{"attempt":{"batch');

  const second = open();
  second.append(outcomeOf('b'));

  expect(open().pending()).toEqual([outcomeOf('a'), outcomeOf('b')]);
});

test('a group is flushed once, and not at all when it was acknowledged in time', async () => {
  const spool = open();
  spool.append(outcomeOf('a'));
  spool.acknowledge([outcomeOf('a').attempt]);

  await clock.advance(FLUSH_DELAY_MS);

  expect(spool.pending()).toEqual([]);
});

test('a file that holds only acknowledged outcomes is started over', () => {
  const spool = open();
  const large = outcomeOf('a', 'x'.repeat(2_000_000));
  spool.append(large);
  expect(statSync(path()).size).toBeGreaterThan(2_000_000);

  spool.acknowledge([large.attempt]);
  expect(statSync(path()).size).toBe(0);

  spool.append(outcomeOf('b'));
  expect(open().pending()).toEqual([outcomeOf('b')]);
});

test('a file in which there is always something pending does not grow for ever', () => {
  const spool = open();
  const large = (task: string) => outcomeOf(task, 'x'.repeat(2_000_000));
  for (let at = 0; at < 12; at++) {
    spool.append(large(`t${at}`));
    if (at > 0) spool.acknowledge([large(`t${at - 1}`).attempt]);
  }

  expect(statSync(path()).size).toBeLessThan(16 * 1024 * 1024);
  spool.append(outcomeOf('b'));
  expect(open().pending()).toEqual([large('t11'), outcomeOf('b')]);
  spool.acknowledge([large('t11').attempt, outcomeOf('b').attempt]);
  spool.append(outcomeOf('c'));
  expect(open().pending()).toEqual([outcomeOf('c')]);
  expect(statSync(path()).size).toBeLessThan(1_000);
});

test('acknowledging what is not there writes nothing', () => {
  const spool = open();

  spool.acknowledge([outcomeOf('ghost').attempt]);

  expect(statSync(path()).size).toBe(0);
});
