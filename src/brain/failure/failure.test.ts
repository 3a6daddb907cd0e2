import { expect, test } from 'vitest';

import type { FailureClass, Outcome } from '../../contract/index.ts';
import { classify, decide } from './failure.ts';

function ended(change: Partial<Outcome>): Parameters<typeof classify>[0] {
  return { result: 'exited', exitCode: 0, signal: null, missing: [], tail: '', endedAt: 0, ...change };
}

test.each<[string, Partial<Outcome>, FailureClass]>([
  ['exit code 127', { exitCode: 127 }, 'definition'],
  ['exit code 126', { exitCode: 126 }, 'definition'],
  ['a program that is not there', { result: 'spawn_failed', exitCode: null, tail: 'spawn ENOENT' }, 'definition'],
  [
    'a host without processes to give',
    { result: 'spawn_failed', exitCode: null, tail: 'spawn EAGAIN' },
    'infrastructure',
  ],
  ['exit code 137', { exitCode: 137 }, 'memory'],
  ['the kernel killing it', { result: 'signalled', exitCode: null, signal: 'SIGKILL' }, 'memory'],
  ['CUDA out of memory', { exitCode: 1, tail: 'RuntimeError: CUDA error: out of memory' }, 'memory'],
  ['Vulkan out of memory', { exitCode: 1, tail: 'vk::ErrorOutOfDeviceMemory' }, 'memory'],
  ['a crash by signal', { result: 'signalled', exitCode: null, signal: 'SIGSEGV' }, 'exit_code'],
  ['a lost worker', { result: 'lost', exitCode: null }, 'infrastructure'],
  ['a timeout', { result: 'timed_out', exitCode: null }, 'timeout'],
  ['HIP out of memory', { exitCode: 1, tail: 'hipErrorOutOfMemory' }, 'memory'],
  ['the CUDA driver without memory', { exitCode: 1, tail: 'CUDA_ERROR_OUT_OF_MEMORY: out of memory' }, 'memory'],
  ['Vulkan without memory', { exitCode: 1, tail: 'VK_ERROR_OUT_OF_DEVICE_MEMORY' }, 'memory'],
  ['an engine without room', { exitCode: 1, tail: 'unable to allocate CUDA0 buffer' }, 'memory'],
  ['Python without memory', { exitCode: 1, tail: 'MemoryError' }, 'memory'],
  ['silence', { result: 'stuck', exitCode: null }, 'stuck'],
  ['a forbidden command', { result: 'blocked', exitCode: null }, 'permission'],
  ['a refused connection', { exitCode: 7, tail: 'connect ECONNREFUSED 127.0.0.1:8001' }, 'backoff'],
  ['429', { exitCode: 1, tail: 'HTTP 429' }, 'backoff'],
  ['a declared code', { exitCode: 3 }, 'declared'],
  ['missing output', { missing: ['out.csv'] }, 'output'],
  ['any other code', { exitCode: 1, tail: 'line 503 of the file' }, 'exit_code'],
  ['a stop on request', { result: 'cancelled', exitCode: null }, 'cancelled'],
])('%s is classified by its rule', (_what, outcome, expected) => {
  const verdict = classify(ended(outcome), [3]);

  expect(verdict).toMatchObject({ kind: 'failed', class: expected });
});

test('exit code 0 with all its files is a success', () => {
  expect(classify(ended({ tail: 'CUDA out of memory' }), [])).toEqual({ kind: 'succeeded' });
});

test('the reason names the last line of the output', () => {
  expect(classify(ended({ exitCode: 2, tail: 'a\nb: broken\n\n' }), [])).toMatchObject({
    reason: 'exit code 2: b: broken',
  });
});

test('the reason of a lack of memory is the line that told of it, whatever was said after it', () => {
  const tail = 'loading\nRuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB\ncleaning up\n';

  expect(classify(ended({ exitCode: 1, tail }), [])).toMatchObject({
    reason: 'exit code 1: RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB',
  });
});

const half = () => 0.5;
const GiB = 2 ** 30;
const fresh = { failures: 0, freeAttempts: 0, timeouts: 0, memoryBytes: GiB };
const rules = { retries: 2, largestBytes: 6 * GiB };

test('a counted retry waits longer each time, up to a minute', () => {
  const delays = [0, 1, 2, 9].map((failures) =>
    decide('exit_code', { ...fresh, failures }, { ...rules, retries: 10 }, half),
  );

  expect(delays.map((decision) => decision.kind === 'retry' && decision.delayMs)).toEqual([750, 1_500, 3_000, 45_000]);
});

test('the first free retry is at once, and the sixth is a failure', () => {
  expect(decide('infrastructure', fresh, { ...rules, retries: 0 }, half)).toMatchObject({
    kind: 'retry',
    free: true,
    delayMs: 0,
  });
  expect(decide('infrastructure', { ...fresh, freeAttempts: 5 }, { ...rules, retries: 9 }, half)).toEqual({
    kind: 'fail',
  });
});

test('a timeout is tried once more and then no more', () => {
  expect(decide('timeout', fresh, { ...rules, retries: 5 }, half)).toMatchObject({ kind: 'retry', free: false });
  expect(decide('timeout', { ...fresh, failures: 1, timeouts: 1 }, { ...rules, retries: 5 }, half)).toEqual({
    kind: 'fail',
  });
});

test('running out of memory asks for half as much again, up to what the largest device has', () => {
  const charged = [GiB, 5 * GiB].map((memoryBytes) => decide('memory', { ...fresh, memoryBytes }, rules, half));

  expect(charged).toMatchObject([{ memoryBytes: 1.5 * GiB }, { memoryBytes: 6 * GiB }]);
});

test('with the largest device exhausted it fails, and the reason has the sum', () => {
  expect(decide('memory', { ...fresh, memoryBytes: 6 * GiB }, rules, half)).toEqual({
    kind: 'fail',
    because: '6144 MB were charged, 9216 MB would be next, and no device gives a task more than 6144 MB',
  });
});

test('what charges no memory is only tried again', () => {
  expect(decide('memory', { ...fresh, memoryBytes: 0 }, rules, half)).toEqual({
    kind: 'retry',
    free: false,
    delayMs: 750,
  });
});

test.each<FailureClass>(['definition', 'declared', 'permission', 'cancelled'])(
  '%s is not tried again',
  (failureClass) => {
    expect(decide(failureClass, fresh, { ...rules, retries: 5 }, half)).toEqual({ kind: 'fail' });
  },
);

test('what the far end asks to wait is waited', () => {
  expect(decide('backoff', fresh, { ...rules, retryAfterMs: 90_000 }, half)).toMatchObject({ delayMs: 90_000 });
});

test.each([
  ['HTTP 429\nRetry-After: 30', 30_000],
  ['503 Service Unavailable, {"retry-after": "7"}', 7_000],
  ['HTTP/1.1 503\nretry-after: Thu, 01 Jan 1970 00:02:00 GMT', 120_000],
  ['HTTP 429\nRetry-After: 999999', 3_600_000],
])('%s tells how long to wait', (tail, retryAfterMs) => {
  expect(classify(ended({ exitCode: 1, tail }), [])).toMatchObject({ class: 'backoff', retryAfterMs });
});

test('nobody who is not overloaded is asked how long to wait', () => {
  expect(classify(ended({ exitCode: 1, tail: 'retry-after: 30' }), [])).not.toHaveProperty('retryAfterMs');
});
