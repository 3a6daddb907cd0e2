/** The log of a task that is followed: it ends with the task, whenever that ends. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { createBus, systemClock } from '../kernel/index.ts';
import { taskLog } from './task-log.ts';

test('a task that ends before anybody listens for its end is not followed for ever', async () => {
  const path = mkdtempSync(join(tmpdir(), 'drover-task-log-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  writeFileSync(join(path, 'stdout'), 'the last line\n');
  const states = ['running', 'succeeded'];
  const showTask = async () => ({ status: states.shift(), attempt_list: [{ attempt: 1, path }] });
  const deps = { brain: { showTask }, store: { facts: createBus(() => {}) }, clock: systemClock };
  const query = { stream: 'stdout', follow: true } as const;

  const read = await taskLog(deps as never, { batchId: 'b', name: 'one' }, query); // as much as it uses
  let text = '';
  for await (const piece of read(new AbortController().signal)) text += piece;

  expect(text).toBe('the last line\n');
});
