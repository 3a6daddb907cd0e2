import { expect, test } from 'vitest';

import { subject } from '../../contract/index.ts';
import type { Fact, FactData, FactType } from '../../contract/index.ts';
import { createTaskTraces } from './task-traces.ts';

const TASK = subject.task('b1', 'fetch/one');

test('a task is traced from its release to its end, with a part for each try', () => {
  const traceOf = createTaskTraces();
  const facts = [
    fact(1_000, 'task.released', {}),
    fact(2_000, 'task.leased', { attempt: 1, agent: 'vm', epoch: 1 }),
    fact(2_100, 'task.started', { attempt: 1, device: 'gpu0', pid: 7 }),
    fact(3_000, 'task.retry_scheduled', { attempt: 1, class: 'oom', reason: 'x', delay_ms: 10, free: false }),
    fact(4_000, 'task.leased', { attempt: 2, agent: 'vm', epoch: 1 }),
    fact(4_100, 'task.started', { attempt: 2, device: 'gpu1', pid: 8 }),
    fact(5_000, 'task.succeeded', { attempt: 2, duration_ms: 900 }),
  ];

  const traces = facts.flatMap((each) => traceOf(each) ?? []);

  expect(traces).toMatchObject([
    {
      parent: null,
      root: {
        name: 'task fetch/one',
        from: 1_000,
        to: 5_000,
        error: null,
        attributes: { 'drover.batch': 'b1', 'drover.task': 'fetch/one', 'drover.outcome': 'succeeded' },
        parts: [
          { name: 'attempt 1', from: 2_000, to: 3_000, error: 'oom', attributes: { 'drover.device': 'gpu0' } },
          { name: 'attempt 2', from: 4_000, to: 5_000, error: null, attributes: { 'drover.device': 'gpu1' } },
        ],
      },
    },
  ]);
});

test('a task that failed says why; one that never ran has no tries', () => {
  const traceOf = createTaskTraces();
  traceOf(fact(1_000, 'task.leased', { attempt: 1, agent: 'vm', epoch: 1 }));

  const failed = traceOf(fact(2_000, 'task.failed', { attempt: 1, class: 'exit', reason: 'exit 1' }));
  const skipped = traceOf(fact(3_000, 'task.skipped', { because: 'no' }));

  expect(failed?.root).toMatchObject({ error: 'exit', parts: [{ name: 'attempt 1', error: 'exit' }] });
  expect(skipped?.root).toMatchObject({ from: 3_000, to: 3_000, error: null, parts: [] });
});

function fact<T extends FactType>(at: number, type: T, data: FactData[T]): Fact {
  const one: Fact<T> = { seq: at, at, type, subject: TASK, data };
  return one as unknown as Fact; // a fact of one type is a fact
}
