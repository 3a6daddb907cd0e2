/** The journal over a real file: what an agent that starts learns of an earlier one, whenever that was killed. */

import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { openJournal } from './journal.ts';
import type { Journal } from './journal.ts';
import type { WorkOrder } from './work-order.ts';

let folder: string;
let opened: Journal[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-journal-'));
  opened = [];
});

afterEach(() => {
  for (const journal of opened) journal[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

const path = (): string => join(folder, 'attempts.jsonl');

function open(): Journal {
  const journal = openJournal(path());
  opened.push(journal);
  return journal;
}

function orderOf(task: string): WorkOrder {
  return {
    attempt: { batchId: 'b', task, no: 1 },
    taskClass: 'cpu',
    device: 'cpu',
    cwd: '/',
    dir: '/',
    produces: [],
    timeoutMs: 1,
    memoryBytes: 0,
    pausable: false,
    startedAt: 0,
    cause: null,
  };
}

test('a later agent finds what is open, as last amended', () => {
  const first = open();
  first.open(orderOf('a'));
  first.open(orderOf('b'));
  first.amend({ ...orderOf('b'), cause: 'cancelled' });
  first.close(orderOf('a').attempt);

  expect(open().list()).toEqual([{ ...orderOf('b'), cause: 'cancelled' }]);
});

test('a torn line is dropped, and what is written next is whole', () => {
  open().open(orderOf('a'));
  appendFileSync(path(), '{"order":{"attempt"');

  open().open(orderOf('b'));

  expect(open().list()).toEqual([orderOf('a'), orderOf('b')]);
});

test('the file stays small however many attempts there were, and keeps what is open', () => {
  const journal = open();
  journal.open(orderOf('long'));

  for (let count = 0; count < 3_000; count++) {
    journal.open(orderOf(`t${count}`));
    journal.close(orderOf(`t${count}`).attempt);
  }

  expect(statSync(path()).size).toBeLessThan(300_000);
  expect(readFileSync(path(), 'utf8')).toContain('"long"');
  expect(open().list()).toEqual([orderOf('long')]);
});
