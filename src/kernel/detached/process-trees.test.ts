/** What each platform is told to do; the POSIX strategy at work is tested in `programs.test.ts` and under instances. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { expect, test } from 'vitest';

import { identifyProcess } from '../process-identity.ts';
import { createProcessTrees, createWindowsTrees } from './process-trees.ts';

const identity = { pid: 4711, startTime: '133', bootId: 'unknown' };
const marker = { name: 'DROVER_ENGINE_OF', value: 'home#qwen' } as const;

function windows(isSame: boolean) {
  const calls: (readonly string[])[] = [];
  const trees = createWindowsTrees({ isSame: () => isSame, run: (file, args) => void calls.push([file, ...args]) });
  return { trees, calls };
}

test('on Windows a verified process is ended with its whole tree by taskkill', () => {
  const { trees, calls } = windows(true);

  trees.terminate(identity);
  trees.kill(identity, marker);

  expect(calls).toEqual([
    ['taskkill', '/T', '/F', '/PID', '4711'],
    ['taskkill', '/T', '/F', '/PID', '4711'],
  ]);
});

test('on Windows a pid that belongs to another process by now is not touched', () => {
  const { trees, calls } = windows(false);

  trees.terminate(identity);
  trees.kill(identity, marker);
  trees.kill(null, marker);

  expect(calls).toEqual([]);
  expect(trees.members(identity, marker)).toEqual([]);
});

test('elsewhere a process with another start time is not touched, and the very one is', async () => {
  const trees = createProcessTrees();
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
  const known = identifyProcess(Number(child.pid));
  if (known === null) throw new Error('no child');

  trees.terminate({ ...known, startTime: '1' });
  trees.kill({ ...known, startTime: '1' }, marker);
  const before = identifyProcess(known.pid);
  trees.terminate(known);
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];

  expect(before).toEqual(known);
  expect(signal).toBe('SIGTERM');
});
