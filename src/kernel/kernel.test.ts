import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import {
  createBus,
  createMailbox,
  createScope,
  every,
  identifyProcess,
  isSameProcess,
  lockHolder,
  newBatchId,
  takeLock,
  TestClock,
  systemClock,
  writeFileAtomic,
} from './index.ts';

test('what is due in more than 24 days, the longest that the system counts, does not ring at once', async () => {
  const rung: string[] = [];
  using _far = systemClock.after(2 ** 31, () => rung.push('far'));

  await systemClock.sleep(20);

  expect(rung).toEqual([]);
});

describe('the test clock', () => {
  test('fires timers in order of their due time, and only when due', async () => {
    const clock = new TestClock();
    const fired: string[] = [];
    clock.after(20, () => fired.push('late'));
    clock.after(10, () => fired.push('early'));

    await clock.advance(15);
    expect(fired).toEqual(['early']);

    await clock.advance(5);
    expect(fired).toEqual(['early', 'late']);
  });

  test('a sleep ends early, with the reason, when its signal aborts', async () => {
    const stop = new AbortController();
    const sleeping = new TestClock().sleep(1_000, stop.signal);

    stop.abort(new Error('enough'));

    await expect(sleeping).rejects.toThrow('enough');
  });

  test('a beat goes on after a failure, until its signal aborts', async () => {
    const clock = new TestClock();
    const stop = new AbortController();
    const errors: unknown[] = [];
    let beats = 0;
    const beating = every(
      clock,
      10,
      stop.signal,
      () => {
        beats++;
        throw new Error('bad beat');
      },
      (error) => errors.push(error),
    );

    await clock.advance(30);
    stop.abort();
    await beating;

    expect({ beats, errors: errors.length }).toEqual({ beats: 3, errors: 3 });
  });
});

describe('a mailbox', () => {
  test('handles one message at a time, in order, and survives a failing one', async () => {
    const trace: string[] = [];
    const mailbox = createMailbox<string>(
      async (message) => {
        trace.push(`${message} begins`);
        await Promise.resolve();
        if (message === 'b') throw new Error('b fails');
        trace.push(`${message} ends`);
      },
      (_error, message) => trace.push(`${message} failed`),
    );

    for (const message of ['a', 'b', 'c']) mailbox.post(message);
    await mailbox.idle();

    expect(trace).toEqual(['a begins', 'a ends', 'b begins', 'b failed', 'c begins', 'c ends']);
  });
});

describe('a scope', () => {
  test('closing aborts the signal, waits for its tasks, then releases in reverse order', async () => {
    const trace: string[] = [];
    const scope = createScope((error) => trace.push(String(error)));
    scope.defer(() => void trace.push('first released last'));
    scope.defer(() => void trace.push('second released first'));
    scope.run(
      () =>
        new Promise<void>((resolve) => {
          scope.signal.addEventListener('abort', () => {
            trace.push('task ended');
            resolve();
          });
        }),
    );

    await scope.close();

    expect(trace).toEqual(['task ended', 'second released first', 'first released last']);
  });
});

describe('the bus', () => {
  test('a subscriber that throws disturbs neither publisher nor neighbours', () => {
    const errors: unknown[] = [];
    const heard: number[] = [];
    const bus = createBus<number>((error) => errors.push(error));
    bus.subscribe(() => {
      throw new Error('deaf');
    });
    const second = bus.subscribe((event) => heard.push(event));

    bus.publish(1);
    second[Symbol.dispose]();
    bus.publish(2);

    expect({ heard, errors: errors.length }).toEqual({ heard: [1], errors: 2 });
  });
});

describe('process identity and locks', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'drover-kernel-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('a pid that was reused is another process', () => {
    const self = identifyProcess(process.pid);
    expect(self && isSameProcess(self)).toBe(true);
    expect(self && isSameProcess({ ...self, startTime: '1' })).toBe(false);
  });

  test('a process that ended, but was not yet reaped by its parent, has no identity', async () => {
    const child = spawn('true');
    const pid = child.pid ?? 0;
    await new Promise((resolve) => child.once('exit', resolve));
    expect(identifyProcess(pid)).toBeNull();
  });

  test('a held lock is refused with its holder, and free after release', () => {
    const path = join(folder, 'a.lock');
    const first = takeLock(path);

    expect(takeLock(path)).toMatchObject({ kind: 'held', holder: { pid: process.pid } });
    if (first.kind === 'taken') first.release();

    expect(lockHolder(path)).toBeNull();
    expect(takeLock(path).kind).toBe('taken');
  });

  test('the lock of a process that is gone, or whose file is garbage, is cleared', () => {
    const path = join(folder, 'a.lock');
    writeFileSync(path, JSON.stringify({ pid: process.pid, startTime: '1', bootId: 'another' }));
    expect(takeLock(path).kind).toBe('taken');

    const garbled = join(folder, 'b.lock');
    writeFileSync(garbled, '{"pid":');
    expect(takeLock(garbled).kind).toBe('taken');
    expect(readdirSync(folder)).toEqual(['a.lock', 'b.lock']);
  });

  test('an atomic write leaves nothing beside the file', () => {
    const path = join(folder, 'deep', 'state.json');
    writeFileAtomic(path, 'one');
    writeFileAtomic(path, 'two');
    expect(readdirSync(join(folder, 'deep'))).toEqual(['state.json']);
  });
});

test('a batch id tells its UTC time', () => {
  expect(newBatchId(new TestClock(Date.UTC(2026, 1, 21, 10, 15, 0)))).toMatch(/^20260221_101500_[a-z0-9]{6}$/);
});
