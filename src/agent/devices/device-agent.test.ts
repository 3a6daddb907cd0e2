/** Which device takes an attempt, and how many. */

import { expect, test } from 'vitest';

import { createMemoryLedger } from '../../devices/index.ts';
import type { TaskClass } from '../../contract/index.ts';
import { createDeviceAgent } from './device-agent.ts';
import { candidatesFor, laneOf } from './placement.ts';
import type { Lane } from './placement.ts';

const GIB = 1024 ** 3;

function card() {
  const ledger = createMemoryLedger();
  ledger.observe('gpu0', { totalBytes: 10 * GIB, observedBytes: 0, temperatureC: 40 });
  return { ledger, agent: createDeviceAgent('gpu0', { core: 0, card: 3, light: 2 }, ledger) };
}

const demand = (task: string, memoryBytes: number, lane: Lane = 'card') => ({
  attempt: { batchId: 'b', task, no: 1 },
  lane,
  memoryBytes,
});

test('memory is admitted up to the budget, and again after a release', () => {
  const { agent } = card();

  expect(agent.admit(demand('a', 5 * GIB)).kind).toBe('admitted');
  expect(agent.admit(demand('b', 4 * GIB))).toMatchObject({ kind: 'busy', reason: expect.stringContaining('gpu0') });
  agent.release(demand('a', 0).attempt);
  expect(agent.admit(demand('b', 4 * GIB)).kind).toBe('admitted');
});

test('what is larger than the budget will never fit', () => {
  const { agent } = card();

  expect(agent.admit(demand('a', 9 * GIB)).kind).toBe('never');
});

test('places are counted by lane, and light work charges no memory', () => {
  const { agent, ledger } = card();

  expect(agent.admit(demand('a', GIB, 'light')).kind).toBe('admitted');
  expect(agent.admit(demand('b', GIB, 'light')).kind).toBe('admitted');
  expect(agent.admit(demand('c', GIB, 'light'))).toMatchObject({ kind: 'busy' });
  expect(agent.busy('light')).toBe(2);
  expect(agent.busy('card')).toBe(0);
  expect(ledger.picture('gpu0')?.taskBytes).toBe(0);
});

test('an adopted attempt is entered even where there is no room', () => {
  const { agent, ledger } = card();

  agent.enter(demand('a', 9 * GIB));

  expect(ledger.picture('gpu0')?.taskBytes).toBe(9 * GIB);
  expect(agent.admit(demand('b', GIB)).kind).toBe('busy');
});

test.each<[TaskClass, boolean, Lane]>([
  ['cpu', true, 'core'],
  ['script', true, 'card'],
  ['script', false, 'core'],
  ['llm', true, 'light'],
  ['meta', false, 'light'],
  ['brain', false, 'light'],
])('class %s (cards: %s) waits in lane %s', (taskClass, hasCards, lane) => {
  expect(laneOf(taskClass, hasCards)).toBe(lane);
});

test('for card work the card that the brain chose is asked first, then the tightest, and last where it failed', () => {
  const devices = [
    { id: 'cpu', kind: 'cpu' as const, freeForTasksBytes: 99 },
    { id: 'gpu0', kind: 'nvidia' as const, freeForTasksBytes: 1 },
    { id: 'gpu1', kind: 'nvidia' as const, freeForTasksBytes: 5 },
    { id: 'gpu2', kind: 'nvidia' as const, freeForTasksBytes: 3 },
  ];
  const order = (wish: { prefer?: string; avoid?: string[] }): string[] =>
    candidatesFor('card', { memoryBytes: 1, avoid: [], ...wish }, devices).map(({ id }) => id);

  expect(order({})).toEqual(['gpu0', 'gpu2', 'gpu1']);
  expect(order({ prefer: 'gpu1' })).toEqual(['gpu1', 'gpu0', 'gpu2']);
  expect(order({ prefer: 'gpu1', avoid: ['gpu0', 'gpu1'] })).toEqual(['gpu2', 'gpu1', 'gpu0']);
});

test('a core is the CPU first, then what cards have to spare; memory of the host is only the CPU', () => {
  const devices = [
    { id: 'gpu0', kind: 'nvidia' as const, freeForTasksBytes: 1 },
    { id: 'cpu', kind: 'cpu' as const, freeForTasksBytes: 99 },
  ];

  expect(candidatesFor('core', { memoryBytes: 0, avoid: [] }, devices).map(({ id }) => id)).toEqual(['cpu', 'gpu0']);
  expect(candidatesFor('core', { memoryBytes: 5, avoid: [] }, devices).map(({ id }) => id)).toEqual(['cpu']);
});
