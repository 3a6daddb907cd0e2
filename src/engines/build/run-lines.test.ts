import { expect, test } from 'vitest';

import { identifyProcess } from '../../kernel/index.ts';
import { runLines } from './run-lines.ts';

test('lines of both streams are handed on', async () => {
  const lines: string[] = [];

  await runLines({
    file: 'sh',
    args: ['-c', 'echo one; echo two >&2'],
    env: process.env,
    signal: undefined,
    onLine: (line) => lines.push(line),
  });

  expect(lines.toSorted()).toEqual(['one', 'two']);
});

test('a failing program is told with its error lines', async () => {
  const run = runLines({
    file: 'sh',
    args: ['-c', 'echo fine; echo "x.cpp:3: error: no such thing" >&2; exit 2'],
    env: process.env,
    signal: undefined,
    onLine: () => {},
  });

  await expect(run).rejects.toMatchObject({ code: 'ENGINE_BUILD_FAILED' });
  await expect(run).rejects.toThrow(/exit code 2\nx\.cpp:3: error: no such thing/);
});

test('a missing program is told, not thrown at the process', async () => {
  const run = runLines({ file: '/no/such/program', args: [], env: process.env, signal: undefined, onLine: () => {} });

  await expect(run).rejects.toMatchObject({ code: 'ENGINE_BUILD_FAILED' });
});

test('an abort ends the children too', async () => {
  const abort = new AbortController();
  const pids: number[] = [];

  const run = runLines({
    file: 'sh',
    args: ['-c', 'sleep 60 & echo $!; wait'],
    env: process.env,
    signal: abort.signal,
    onLine: (line) => {
      pids.push(Number(line));
      abort.abort();
    },
  });

  await expect(run).rejects.toMatchObject({ code: 'ABORTED' });
  await expect.poll(() => pids.map((pid) => identifyProcess(pid))).toEqual([null]);
});
