/** Which facts two reports of a host, one after the other, come to. */

import { expect, test } from 'vitest';

import type { WorkerReport } from '../../contract/index.ts';
import { deviceChanges, workerChanges } from './device-changes.ts';

test('a change of condition is a fact, with the reason; a device that is normal from the start is none', () => {
  const normal = { id: 'gpu0', condition: 'normal' as const, why: null };
  const hot = { id: 'gpu0', condition: 'constrained' as const, why: 'too hot' };

  expect(deviceChanges('attic', [], [normal])).toEqual([]);
  expect(deviceChanges('attic', [hot], [hot])).toEqual([]);
  expect(deviceChanges('attic', [normal], [hot])).toEqual([
    {
      type: 'device.changed',
      subject: 'device:attic/gpu0',
      data: { from: 'normal', to: 'constrained', why: 'too hot' },
    },
  ]);
  expect(deviceChanges('attic', [], [hot])).toHaveLength(1);
});

test('a worker that is paused and goes on is two facts, however often it is told of', () => {
  const worker = (paused: boolean): WorkerReport => ({
    attempt: { batchId: 'b', task: 't', no: 2 },
    device: 'gpu0',
    pid: 1,
    memoryBytes: null,
    startedAt: 0,
    quietMs: 0,
    paused,
  });
  const course = [[], [worker(false)], [worker(true)], [worker(true)], [worker(false)], []];

  const facts = course.flatMap((now, at) => workerChanges(course[at - 1] ?? [], now));

  expect(facts.map(({ type, subject, data }) => [type, subject, data])).toEqual([
    ['task.paused', 'task:b/t', { attempt: 2, device: 'gpu0' }],
    ['task.resumed', 'task:b/t', { attempt: 2, device: 'gpu0' }],
  ]);
});
