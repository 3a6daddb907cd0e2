/** The instance machine and the wishes of people that cross each other: restart, up, down. */

import { expect, test } from 'vitest';

import {
  READY,
  broken,
  exited,
  firstAnswered,
  fresh,
  healthy,
  kinds,
  launched,
  processOf,
  tell,
  unwanted,
  wanted,
} from '../../../test/support/machine-story.ts';
import type { SpecChanges } from '../../../test/support/make-spec.ts';
import type { Effect, InstanceEvent } from './state.ts';

const restart = (waiter: number, force = false): InstanceEvent => ({ kind: 'restart-asked', waiter, force });
const up = (waiter: number): InstanceEvent => ({ kind: 'ready-asked', waiter, by: 'operator' });
const down = (waiter: number): InstanceEvent => ({ kind: 'stop-asked', waiter, force: true });

function answersOf(effects: readonly Effect[]): readonly (readonly [number, string])[] {
  return effects.flatMap((effect) => (effect.kind === 'answer' ? [[effect.waiter, effect.answer.kind] as const] : []));
}

test('a restart drains, ends and starts under one owner, and is answered by the new launch', () => {
  const draining = tell(fresh(), [...READY, restart(1)]);
  const ready = tell(draining.machine, [exited(1), launched(2), healthy(2), firstAnswered(2)]);

  expect(draining.machine.state).toMatchObject({ kind: 'stopping', phase: 'draining', goal: 'settle' });
  expect(kinds(ready.all).filter((kind) => kind === 'launch')).toHaveLength(1);
  expect(answersOf(ready.all)).toEqual([[1, 'ready']]);
  expect(ready.machine).toMatchObject({ state: { kind: 'ready', process: { launch: 2 } }, restarts: 0 });
});

test('a forced restart drains nothing, and cuts a draining short', () => {
  const forced = tell(fresh(), [...READY, restart(1, true)]);
  const cut = tell(fresh(), [...READY, restart(1), restart(2, true)]);

  expect(forced.machine.state).toMatchObject({ kind: 'stopping', phase: 'terminating' });
  expect(cut.machine.state).toMatchObject({ kind: 'stopping', phase: 'terminating' });
});

test('two restarts at once are one', () => {
  const { all } = tell(fresh(), [
    ...READY,
    restart(1),
    restart(2),
    exited(1),
    launched(2),
    healthy(2),
    firstAnswered(2),
  ]);

  expect(kinds(all).filter((kind) => kind === 'launch')).toHaveLength(2);
  expect(answersOf(all)).toEqual([
    [1, 'ready'],
    [2, 'ready'],
  ]);
});

test('an up during a restart waits for the new launch', () => {
  const { all } = tell(fresh(), [...READY, restart(1), up(2), exited(1), launched(2), healthy(2), firstAnswered(2)]);

  expect(answersOf(all)).toEqual([
    [1, 'ready'],
    [2, 'ready'],
  ]);
});

test('a down during a restart wins, and the restart is told so', () => {
  const { machine, all } = tell(fresh(), [...READY, restart(1), down(2), exited(1)]);

  expect(machine.state.kind).toBe('stopped');
  expect(answersOf(all)).toEqual([
    [1, 'failure'],
    [2, 'stopped'],
  ]);
});

test('a restart during a down waits for its end, when it is wanted again', () => {
  const { machine, all } = tell(fresh(), [
    ...READY,
    down(1),
    wanted(),
    restart(2),
    exited(1),
    launched(2),
    healthy(2),
    firstAnswered(2),
  ]);

  expect(machine.state).toMatchObject({ kind: 'ready', process: { launch: 2 } });
  expect(answersOf(all)).toEqual([
    [1, 'stopped'],
    [2, 'ready'],
  ]);
});

test('a restart of an instance that is not wanted is refused', () => {
  const { machine, all } = tell(fresh(), [unwanted(), restart(1)]);

  expect(machine.state.kind).toBe('stopped');
  expect(answersOf(all)).toEqual([[1, 'failure']]);
});

test('a restart of a failed instance starts it, with a new budget', () => {
  const failed = tell(fresh(), [wanted(), { kind: 'launch-failed', launch: 1, failure: broken(true) }]).machine;

  const { machine } = tell(failed, [restart(1)]);

  expect(machine).toMatchObject({ state: { kind: 'starting', launch: 2 }, history: { crashes: [] } });
});

test('a restart during a launch is answered by a launch that began after it', () => {
  const begun = tell(fresh(), [wanted(), restart(1), launched(1), exited(1)]);
  const failing = tell(begun.machine, [launched(2), exited(2)]);

  expect(answersOf(begun.all)).toEqual([]);
  expect(begun.machine.state).toMatchObject({ kind: 'starting', launch: 2 });
  expect(answersOf(failing.all)).toEqual([[1, 'failure']]);
});

const WITH_STOP_COMMAND: SpecChanges = { engine: { kind: 'command', stopCommand: ['/bin/stop'] } };

test('a stop command has the first word, SIGTERM the second, SIGKILL the last', () => {
  const ready = tell(fresh(), [wanted(WITH_STOP_COMMAND), launched(1), healthy(1), firstAnswered(1)]).machine;
  const asked = tell(ready, [down(1)]);
  const termed = tell(asked.machine, [{ kind: 'timer', generation: asked.machine.generation }]);
  const killed = tell(termed.machine, [{ kind: 'timer', generation: termed.machine.generation }]);

  expect(asked.effects.slice(-2)).toMatchObject([{ kind: 'ask-to-end' }, { kind: 'wake', afterMs: 10_000 }]);
  expect(kinds(termed.effects)).toEqual(['report', 'terminate', 'wake']);
  expect(kinds(killed.effects)).toEqual(['report', 'kill', 'wake']);
});

test('after a stop command that could do nothing SIGTERM follows at once', () => {
  const { machine, effects } = tell(fresh(), [
    wanted(WITH_STOP_COMMAND),
    launched(1),
    healthy(1),
    firstAnswered(1),
    down(1),
    { kind: 'asked-in-vain', launch: 1 },
  ]);

  expect(machine.state).toMatchObject({ kind: 'stopping', phase: 'terminating' });
  expect(kinds(effects)).toEqual(['report', 'terminate', 'wake']);
});

test('a server that runs elsewhere is never given up, and its silence is the end of no process', () => {
  const remote = { engine: { kind: 'remote', url: 'http://far:1' }, restart: { maxRetries: 0 } } as const;
  const process = { ...processOf(1), identity: null, port: null };
  const { machine } = tell(fresh(), [
    wanted(remote),
    { kind: 'launched', process },
    healthy(1),
    firstAnswered(1),
    exited(1),
  ]);

  expect(machine).toMatchObject({ state: { kind: 'backoff' }, ended: [] });
});
