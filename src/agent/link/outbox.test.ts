/** What is told together, and when a start is told alone. */

import { expect, test } from 'vitest';

import type { AttemptStart, Outcome } from '../../contract/index.ts';
import { TestClock } from '../../kernel/index.ts';
import { createOutbox, START_DELAY_MS } from './outbox.ts';
import type { Outbox } from './outbox.ts';

function openOutbox(): { outbox: Outbox; told: unknown[]; clock: TestClock } {
  const clock = new TestClock();
  const told: unknown[] = [];
  const outbox = createOutbox({
    clock,
    tellStart: ({ attempt: { task } }) => told.push(task),
    tellEnds: (outcomes, starts) => told.push({ ends: outcomes.map(nameOf), starts: starts.map(nameOf) }),
  });
  return { outbox, told, clock };
}

const nameOf = ({ attempt }: Pick<Outcome, 'attempt'>): string => attempt.task;
const attemptOf = (task: string) => ({ batchId: 'b', task, no: 1 });
const startOf = (task: string): AttemptStart => ({ attempt: attemptOf(task), device: 'cpu', pid: 7, startedAt: 0 });
const outcomeOf = (task: string): Outcome => ({
  attempt: attemptOf(task),
  epoch: 1,
  result: 'exited',
  exitCode: 0,
  signal: null,
  missing: [],
  device: 'cpu',
  startedAt: 0,
  endedAt: 1,
  peakMemoryBytes: null,
  tail: '',
});
const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

test('the ends of one turn are told together, with the starts before them', async () => {
  const { outbox, told, clock } = openOutbox();

  outbox.start(startOf('a'));
  outbox.start(startOf('b'));
  outbox.add(outcomeOf('a'));
  outbox.add(outcomeOf('b'));
  await turn();
  await clock.advance(START_DELAY_MS);

  expect(told).toEqual([{ ends: ['a', 'b'], starts: ['a', 'b'] }]);
});

test('a start whose end is not near is told alone', async () => {
  const { outbox, told, clock } = openOutbox();

  outbox.start(startOf('a'));
  await clock.advance(START_DELAY_MS);
  outbox.add(outcomeOf('a'));
  await turn();

  expect(told).toEqual(['a', { ends: ['a'], starts: [] }]);
});
