/** Which loads pay, and which idle models go. */

import { expect, test } from 'vitest';

import { decidePlacements } from './decide.ts';
import { outlookOf } from './outlook.ts';
import type { Card, Decision, ModelWork, ScriptWork, Serving, Situation } from './situation.ts';

const GIB = 2 ** 30;
const NOW = 10_000_000;
const MINUTE = 60_000;

function card(id: string, changes: Partial<Card> = {}): Card {
  return {
    id,
    isCpu: false,
    totalBytes: 6 * GIB,
    taskBudgetBytes: 4.8 * GIB,
    instanceBytes: 0,
    taskBytes: 0,
    loadGroup: id,
    isOpen: true,
    ...changes,
  };
}

const cards = (count: number, changes: Partial<Card> = {}): Card[] =>
  Array.from({ length: count }, (_, index) => card(`c${index}`, changes));

function work(waiting: number, changes: Partial<ModelWork> = {}): ModelWork {
  return { model: 'qwen', waiting, batches: new Set(['b']), oldestAt: NOW - 1_000, taskMs: 5_000, ...changes };
}

function scripts(waiting: number, changes: Partial<ScriptWork> = {}): ScriptWork {
  return { batchId: 'b', memoryBytes: 4 * GIB, waiting, ...changes };
}

function serving(name: string, device: string, changes: Partial<Serving> = {}): Serving {
  return {
    name,
    model: 'qwen',
    models: new Set(['qwen']),
    devices: [device],
    memoryBytes: 5 * GIB,
    state: 'ready',
    slots: 1,
    busySlots: 0,
    readyAt: NOW - 10 * MINUTE,
    usedAt: null,
    idleSince: NOW - 5 * MINUTE,
    isPinned: false,
    ...changes,
  };
}

function situationWith(changes: Partial<Situation>): Situation {
  return {
    now: NOW,
    work: [],
    scripts: [],
    cards: cards(5),
    instances: [],
    loadable: () => ({ memoryBytes: 5 * GIB, slots: 1, loadMs: 30_000, most: Number.POSITIVE_INFINITY, devices: null }),
    pending: [],
    refused: new Set(),
    ...changes,
  };
}

const decide = (changes: Partial<Situation>): Decision => decidePlacements(situationWith(changes));

const drawn = ({ placements }: Decision): string[] =>
  placements.map((it) => (it.kind === 'load' ? `load ${it.model} ${it.device}` : `unload ${it.instance}`));

test('a first task loads one model, and no more than its work pays for', () => {
  expect(drawn(decide({ work: [work(1)] }))).toEqual(['load qwen c0']);
});

test('one long task is served by one instance, however long it is; those that are served need none', () => {
  const busy = serving('q', 'c0', { busySlots: 1, idleSince: null });

  expect(drawn(decide({ work: [work(1, { taskMs: 600_000 })] }))).toEqual(['load qwen c0']);
  expect(drawn(decide({ work: [work(2, { taskMs: 600_000 })] }))).toEqual(['load qwen c0', 'load qwen c1']);
  expect(drawn(decide({ work: [work(1, { taskMs: 600_000 })], instances: [busy] }))).toEqual(['load qwen c1']);
});

test('what a load is for is said in words', () => {
  const because = (waiting: number): string[] =>
    decide({ work: [work(waiting, { taskMs: 60_000 })] }).placements.map((it) => it.because);

  expect(because(1)).toEqual(['1 task waits for qwen and no instance serves it']);
  expect(because(2)[1]).toBe('2 tasks wait for qwen, 120 s of work for 1 slot, and a load into c1 takes 30 s');
});

test('acceptance 13: a backlog of 30 s and more on cold cards heats as many as pay off, not one', () => {
  // 20 tasks of 5 s: the third card would be ready when two have nearly done.
  expect(drawn(decide({ work: [work(20)] }))).toEqual(['load qwen c0', 'load qwen c1', 'load qwen c2', 'load qwen c3']);
  expect(drawn(decide({ work: [work(100)] }))).toHaveLength(5);
  expect(drawn(decide({ work: [work(6)] }))).toEqual(['load qwen c0']);
});

test('what is loading or asked for already is not loaded twice for one need', () => {
  const pending = [{ kind: 'load', model: 'qwen', device: 'c0', because: '' }] as const;

  expect(drawn(decide({ work: [work(1)], pending }))).toEqual([]);
  expect(drawn(decide({ work: [work(1)], instances: [serving('q', 'c0', { state: 'coming' })] }))).toEqual([]);
});

test('while one comes and nobody knows yet where, no other is loaded for the same model', () => {
  const coming = serving('q', 'c0', { state: 'coming', devices: [] });

  expect(drawn(decide({ work: [work(100)], instances: [coming] }))).toEqual([]);
});

test('a sleeper that is bound to a device is woken when that one has room', () => {
  const takes = { memoryBytes: 5 * GIB, slots: 1, loadMs: 30_000, most: 1, devices: ['c3'] };
  const full = cards(5).map((it) => (it.id === 'c3' ? { ...it, taskBytes: 4 * GIB } : it));

  expect(drawn(decide({ work: [work(9)], loadable: () => takes }))).toEqual(['load qwen c3']);
  expect(drawn(decide({ work: [work(9)], loadable: () => takes, cards: full }))).toEqual([]);
});

test('of a group of cards one is loaded at a time', () => {
  const shared = cards(5, { loadGroup: 'riser' });

  expect(drawn(decide({ work: [work(100)], cards: shared }))).toEqual(['load qwen c0']);
});

test('scripts of the same batch keep the cards until a load is a small part of the work', () => {
  const waiting = { scripts: [scripts(10)], cards: cards(5, { taskBytes: 4 * GIB }) };

  expect(decide({ work: [work(50)], ...waiting })).toEqual({ placements: [], claims: [] });
  expect(decide({ work: [work(2_000)], ...waiting }).claims.length).toBeGreaterThan(0);
});

test('scripts of other batches give one card up to work that has waited for long', () => {
  const others = { scripts: [scripts(10, { batchId: 'other' })], cards: cards(5, { taskBytes: 4 * GIB }) };

  expect(decide({ work: [work(3)], ...others }).claims).toEqual([]);
  expect(decide({ work: [work(3, { oldestAt: NOW - 6 * MINUTE })], ...others }).claims).toEqual([
    { device: 'c0', model: 'qwen' },
  ]);
});

test('a card that is hot, held or without the role is not loaded, nor one on which that failed a moment ago', () => {
  const [first, second] = [card('c0', { isOpen: false }), card('c1')];

  expect(drawn(decide({ work: [work(1)], cards: [first, second] }))).toEqual(['load qwen c1']);
  expect(drawn(decide({ work: [work(1)], cards: [first, second], refused: new Set(['qwen c1']) }))).toEqual([]);
});

test('a model of unknown size, or that nobody may load, is left alone', () => {
  expect(drawn(decide({ work: [work(9)], loadable: () => null }))).toEqual([]);
});

test('without cards the CPU serves, once for each model', () => {
  const cpu = card('cpu', { isCpu: true, totalBytes: 24 * GIB, taskBudgetBytes: 19 * GIB });

  expect(drawn(decide({ work: [work(500)], cards: [cpu] }))).toEqual(['load qwen cpu']);
  expect(drawn(decide({ work: [work(500)], cards: [cpu, card('c0')] }))).toEqual(['load qwen c0']);
});

test('an idle model goes when scripts starve for its card, after it has been idle and ready for long enough', () => {
  const one = { cards: [card('c0', { instanceBytes: 5 * GIB })], scripts: [scripts(3)] };

  expect(drawn(decide({ ...one, instances: [serving('q', 'c0')] }))).toEqual(['unload q']);
  expect(drawn(decide({ ...one, instances: [serving('q', 'c0', { idleSince: NOW - 80_000 })] }))).toEqual([]);
  expect(drawn(decide({ ...one, instances: [serving('q', 'c0', { readyAt: NOW - 100_000 })] }))).toEqual([]);
  expect(drawn(decide({ ...one, instances: [serving('q', 'c0', { isPinned: true })] }))).toEqual([]);
  expect(drawn(decide({ ...one, instances: [serving('q', 'c0', { busySlots: 1, idleSince: null })] }))).toEqual([]);
  expect(drawn(decide({ ...one, instances: [serving('q', 'c0')], work: [work(1)] }))).toEqual([]);
});

test('one need unloads one model, also while that one is still going', () => {
  const two = [serving('q0', 'c0', { idleSince: NOW - 6 * MINUTE }), serving('q1', 'c1')];
  const full = { cards: cards(2, { instanceBytes: 5 * GIB }), instances: two, scripts: [scripts(1)] };

  expect(drawn(decide(full))).toEqual(['unload q0']);
  expect(drawn(decide({ ...full, pending: [{ kind: 'unload', instance: 'q0', because: '' }] }))).toEqual([]);
});

test('an idle model makes room for another that tasks wait for', () => {
  const other = serving('old', 'c0', { models: new Set(['llama']), model: 'llama' });
  const full = { cards: [card('c0', { instanceBytes: 5 * GIB })], instances: [other] };

  expect(drawn(decide({ ...full, work: [work(2)] }))).toEqual(['unload old']);
});

test('people are told what keeps a model from being loaded: who has the memory, and for how long at least', () => {
  const full = { cards: [card('c0', { instanceBytes: 5 * GIB })] };
  const told = (changes: Partial<Situation>): string | null => outlookOf('qwen', situationWith(changes), NOW);
  const holder = (changes: Partial<Serving>): string | null =>
    told({ ...full, instances: [serving('old', 'c0', changes)] });

  expect(holder({ idleSince: NOW - 80_000 })).toMatch(
    /^old has the memory that it needs, old for 10 s more at least: /,
  );
  expect(holder({ busySlots: 1, idleSince: null })).toBe('old has the memory that it needs, until one of them is idle');
  expect(holder({})).toBe('old has the memory that it needs, and old may go now');
  expect(told({ cards: [card('c0', { taskBytes: 4 * GIB })] })).toBe('tasks have the memory that it needs');
  expect(told({ cards: [card('c0', { isOpen: false })] })).toBe('no device that could hold it takes models now');
  expect(told({})).toBe('a load is not paid for by what waits');
  expect(told({ loadable: () => null })).toBeNull();
});
