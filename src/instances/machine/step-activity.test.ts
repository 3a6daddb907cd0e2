/** The instance machine and the slots of its engine: hangs, the canary, sleep. */

import { expect, test } from 'vitest';

import {
  NOW,
  exited,
  firstAnswered,
  fresh,
  healthy,
  kinds,
  launched,
  slotOf,
  slotsSeen,
  tell,
  told,
  unwanted,
  wanted,
} from '../../../test/support/machine-story.ts';
import type { Told } from '../../../test/support/machine-story.ts';
import type { SlotReading } from '../../engines/index.ts';
import type { InstanceEvent, Machine } from './state.ts';

const MINUTE = 60_000;

/** Ready since `NOW + 2 s`. */
function ready(changes: Parameters<typeof wanted>[0] = {}): Machine {
  return tell(fresh(changes), [wanted(changes), launched(1), healthy(1), firstAnswered(1)]).machine;
}

/** Looks at the slots at given seconds after `NOW`. */
function look(machine: Machine, at: number, slots: readonly Partial<SlotReading>[]): Told {
  return tell(machine, [slotsSeen(slots.map((slot, id) => slotOf({ id, ...slot })))], NOW + at * 1_000);
}

function lookAll(machine: Machine, looks: readonly (readonly [number, readonly Partial<SlotReading>[]])[]): Told {
  return looks.reduce<Told>((seen, [at, slots]) => look(seen.machine, at, slots), tell(machine, []));
}

const working = (task: number, tokens: number): Partial<SlotReading> => ({
  busy: true,
  taskId: task,
  tokensDecoded: tokens,
});
const noAnswer: InstanceEvent = { kind: 'slots-seen', launch: 1, answer: { kind: 'no-answer' } };
const notTold: InstanceEvent = { kind: 'slots-seen', launch: 1, answer: { kind: 'not-told' } };
const canary = (answered: boolean, slots: readonly SlotReading[] = [slotOf()]): InstanceEvent => ({
  kind: 'canary-returned',
  launch: 1,
  answered,
  slots: told(slots),
});

test('busy slots that stand still for stall_timeout are a hang, and its exit is a crash', () => {
  const before = lookAll(ready(), [
    [10, [working(1, 3)]],
    [69, [working(1, 3)]],
  ]);
  const hung = look(before.machine, 70, [working(1, 3)]);
  const after = tell(hung.machine, [exited(1)]);

  expect(before.machine.state.kind).toBe('ready');
  expect(hung.machine).toMatchObject({ state: { kind: 'unhealthy' }, health: { value: 'unhealthy' } });
  expect(kinds(hung.effects)).toEqual(['report', 'terminate', 'wake']);
  expect(after.machine.state).toMatchObject({ kind: 'backoff', failure: { code: 'ENGINE_FAILED' } });
  expect(after.machine.state).toMatchObject({ failure: { message: expect.stringContaining('1m00s') as string } });
});

test.each([
  ['another token', { tokensDecoded: 4 }],
  ['more of the prompt', { promptTokensDone: 512 }],
  ['another request', { taskId: 2 }],
])('%s in a busy slot is an advance', (_what, change) => {
  const { machine } = lookAll(ready(), [
    [10, [working(1, 3)]],
    [60, [{ ...working(1, 3), ...change }]],
    [110, [{ ...working(1, 3), ...change }]],
  ]);

  expect(machine.state.kind).toBe('ready');
});

test('one slot that advances speaks for the engine', () => {
  const { machine } = lookAll(ready(), [
    [10, [working(1, 3), working(2, 3)]],
    [75, [working(1, 3), working(2, 90)]],
  ]);

  expect(machine.state.kind).toBe('ready');
});

test('an idle engine never stands still', () => {
  const { machine } = lookAll(ready(), [
    [10, [{}]],
    [500, [{}]],
    [501, [working(1, 0)]],
  ]);

  expect(machine.state.kind).toBe('ready');
});

test('an engine that answers its health path but never its slots is a hang, counted from the first silence', () => {
  const silent = tell(look(ready(), 20, [{}]).machine, [noAnswer], NOW + 40_000);
  const before = tell(silent.machine, [healthy(1), noAnswer], NOW + 98_000);
  const hung = tell(before.machine, [noAnswer], NOW + 100_000);

  expect(before.machine.state.kind).toBe('ready');
  expect(hung.machine.state.kind).toBe('unhealthy');
});

test('an engine that does not show its slots is never a hang by them, and is not asked again', () => {
  const seen = tell(ready(), [notTold], NOW + 500_000);

  expect(seen.machine.state.kind).toBe('ready');
  expect(seen.effects).toEqual([]);
});

test('the next look comes before the stall is over', () => {
  const { effects } = lookAll(ready(), [
    [10, [working(1, 3)]],
    [65, [working(1, 3)]],
  ]);

  expect(effects).toMatchObject([{ kind: 'see-slots', afterMs: 5_000 }]);
});

const WITH_CANARY = { health: { canaryMs: MINUTE } };

test('an idle engine is asked for one token when the canary is due', () => {
  const early = look(ready(WITH_CANARY), 40, [{}]);
  const due = look(early.machine, 62, [{}]);

  expect(early.effects).toMatchObject([{ kind: 'see-slots' }]);
  expect(due.effects).toMatchObject([{ kind: 'send-canary' }]);
});

test('no canary is sent while slots are busy, nor without the setting', () => {
  const busy = look(ready(WITH_CANARY), 62, [working(1, 3)]);
  const off = look(ready(), 62, [{}]);

  expect(kinds(busy.effects)).toEqual(['see-slots']);
  expect(kinds(off.effects)).toEqual(['see-slots']);
});

test('a canary that is not answered is a hang', () => {
  const { machine } = tell(look(ready(WITH_CANARY), 62, [{}]).machine, [canary(false, [slotOf({ busy: true })])]);

  expect(machine.state).toMatchObject({ kind: 'unhealthy', failure: { code: 'ENGINE_FAILED' } });
  expect(machine.health.detail).toContain('did not answer a request for one token');
});

test('a canary that starves beside the requests of others is none', () => {
  const asked = look(ready(WITH_CANARY), 62, [{}]).machine;

  const crowded = tell(asked, [canary(false, [slotOf({ busy: true }), slotOf({ id: 1, busy: true })])]);
  const behind = tell(asked, [canary(false, [slotOf({ busy: true, tokensDecoded: 40 })])]);

  expect(crowded.machine.state.kind).toBe('ready');
  expect(behind.machine.state.kind).toBe('ready');
});

test('the next canary is due a whole canary later', () => {
  const asked = look(ready(WITH_CANARY), 62, [{}]).machine;
  const answered = tell(asked, [canary(true)], NOW + 63_000).machine;

  expect(kinds(look(answered, 122, [{}]).effects)).toEqual(['see-slots']);
  expect(kinds(look(answered, 123, [{}]).effects)).toEqual(['send-canary']);
});

const SLEEPY = { idleTtlMs: 5 * MINUTE };
const idleUntil = 302;

test('an instance without requests for idle_ttl is drained, ended and asleep, and gives its memory back', () => {
  const early = look(ready(SLEEPY), idleUntil - 1, [{}]);
  const draining = look(early.machine, idleUntil, [{}]);
  const gone = tell(draining.machine, [slotsSeen([slotOf()]), slotsSeen([slotOf()]), exited(1)]);

  expect(early.effects).toMatchObject([{ kind: 'see-slots', afterMs: 1_000 }]);
  expect(draining.machine.state).toMatchObject({ kind: 'stopping', phase: 'draining', goal: 'sleep' });
  expect(gone.machine).toMatchObject({ state: { kind: 'asleep' }, desired: 'running', restarts: 0 });
  expect(kinds(gone.effects)).toEqual(['report', 'release']);
});

test.each([
  ['the controller says that requests went there', [] as const, true],
  ['a slot is busy', [[200, [working(1, 3)]]] as const, false],
  [
    'another request was there between two looks',
    [
      [100, [{ taskId: 1 }]],
      [200, [{ taskId: 2 }]],
    ] as const,
    false,
  ],
])('%s: the idle clock starts anew', (_why, looks, used) => {
  const seen = lookAll(ready(SLEEPY), looks).machine;
  const known = used ? tell(seen, [{ kind: 'used' }], NOW + 200_000).machine : seen;

  expect(look(known, idleUntil, [{ taskId: used ? null : 2 }]).machine.state.kind).toBe('ready');
});

test('a canary is no use of the engine', () => {
  const both = { ...SLEEPY, ...WITH_CANARY };
  const asked = look(ready(both), 100, [{ taskId: 1 }]).machine;
  const answered = tell(asked, [canary(true, [slotOf({ taskId: 2 })])], NOW + 101_000).machine;
  const looked = look(answered, 200, [{ taskId: 2 }]).machine;

  expect(looked.state).toMatchObject({ kind: 'ready', activity: { usedAt: NOW + 2_000 } });
});

test('an engine that does not show its slots sleeps by the word of the controller alone', () => {
  const seen = tell(ready(SLEEPY), [notTold], NOW + 100_000);
  const used = tell(seen.machine, [{ kind: 'used' }], NOW + 250_000);
  const awake = tell(used.machine, [notTold], NOW + 302_000);
  const drained = tell(awake.machine, [notTold], NOW + 550_000);

  expect(seen.effects).toMatchObject([{ kind: 'see-slots', afterMs: 202_000 }]);
  expect(awake.machine.state.kind).toBe('ready');
  expect(drained.machine.state).toMatchObject({ kind: 'stopping', goal: 'sleep' });
});

const request: InstanceEvent = { kind: 'ready-asked', waiter: 1, by: 'request' };

function fallingAsleep(): Machine {
  return look(ready(SLEEPY), idleUntil, [{}]).machine;
}

test('a request while it drains for its sleep is answered at once by the engine that is still there', () => {
  const { machine, effects } = tell(fallingAsleep(), [request]);

  expect(machine.state).toMatchObject({ kind: 'ready', process: { launch: 1 } });
  expect(effects).toContainEqual({ kind: 'answer', waiter: 1, answer: { kind: 'ready' } });
});

test('a request while its engine is being ended for its sleep is answered by the next one', () => {
  const ending = tell(fallingAsleep(), [slotsSeen([slotOf()]), slotsSeen([slotOf()])]).machine;
  const starting = tell(ending, [request, exited(1)]);
  const served = tell(starting.machine, [launched(2), healthy(2), firstAnswered(2)]);

  expect(ending.state).toMatchObject({ kind: 'stopping', phase: 'terminating', goal: 'sleep' });
  expect(starting.machine.state).toMatchObject({ kind: 'starting', launch: 2 });
  expect(served.effects).toContainEqual({ kind: 'answer', waiter: 1, answer: { kind: 'ready' } });
});

function asleep(): Machine {
  return tell(fallingAsleep(), [slotsSeen([slotOf()]), slotsSeen([slotOf()]), exited(1)]).machine;
}

test('being declared again wakes nobody, nor does a new life of the agent', () => {
  const declared = tell(asleep(), [wanted(SLEEPY), wanted({ ...SLEEPY, fingerprint: 'f2' })]);
  const resumed = tell(asleep(), [{ kind: 'found', found: { kind: 'nothing' } }, wanted(SLEEPY)]);

  expect(declared.machine.state.kind).toBe('asleep');
  expect(resumed.machine.state.kind).toBe('asleep');
});

test.each(['operator', 'request'] as const)('whoever asks for it wakes it: the %s', (by) => {
  const { machine } = tell(asleep(), [{ kind: 'ready-asked', waiter: 1, by }]);

  expect(machine.state).toMatchObject({ kind: 'starting', launch: 2 });
});

test('a stop of a sleeper is answered at once, and one on its way to sleep ends stopped', () => {
  const rested = tell(asleep(), [{ kind: 'stop-asked', waiter: 1, force: false }]);
  const stopped = tell(fallingAsleep(), [unwanted(SLEEPY), slotsSeen([slotOf()]), slotsSeen([slotOf()]), exited(1)]);

  expect(rested.machine.state.kind).toBe('stopped');
  expect(rested.effects).toContainEqual({ kind: 'answer', waiter: 1, answer: { kind: 'stopped' } });
  expect(stopped.machine.state.kind).toBe('stopped');
});

test('an engine that falls asleep and crashes meanwhile is asleep all the same', () => {
  const { machine } = tell(fallingAsleep(), [exited(1)]);

  expect(machine.state.kind).toBe('asleep');
});

test('an instance whose memory is wanted finishes what runs and sleeps; a pinned one stays', () => {
  const asked: InstanceEvent = { kind: 'sleep-asked' };
  const draining = tell(ready(), [asked]).machine;
  const sleeper = tell(draining, [slotsSeen([slotOf()]), slotsSeen([slotOf()]), exited(1)]).machine;

  expect(draining.state).toMatchObject({ kind: 'stopping', phase: 'draining', goal: 'sleep' });
  expect(sleeper).toMatchObject({ state: { kind: 'asleep' }, desired: 'running' });
  expect(tell(ready({ pinned: true }), [asked]).machine.state.kind).toBe('ready');
});
