/** The instance machine: what each event leads to. */

import { expect, test } from 'vitest';

import {
  NOW,
  READY,
  broken,
  exited,
  fresh,
  healthy,
  kinds,
  launched,
  loading,
  processOf,
  sick,
  slotOf,
  slotsSeen,
  tell,
  unwanted,
  wanted,
} from '../../../test/support/machine-story.ts';
import type { InstanceEvent, Machine } from './state.ts';

test('a declared instance is launched once, however often it is declared', () => {
  const { machine, all } = tell(fresh(), [wanted(), wanted(), wanted()]);

  expect(machine.state).toEqual({ kind: 'starting', launch: 1, fingerprint: 'test' });
  expect(kinds(all).filter((kind) => kind === 'launch')).toHaveLength(1);
});

test('503 and refused connections mean wait while the start period lasts', () => {
  const { machine } = tell(fresh(), [wanted(), launched(1), loading(1), sick(1), sick(1), sick(1), sick(1)]);

  expect(machine.state).toMatchObject({ kind: 'loading', failures: 0 });
  expect(machine.health).toEqual({ value: 'loading', detail: 'timeout' });
});

test('503 means wait beyond the start period too, a refused connection does not', () => {
  const begun = tell(fresh(), [wanted(), launched(1)]).machine;

  const patient = tell(begun, [loading(1), loading(1), loading(1), loading(1)], NOW + 61_000);
  const hanging = tell(begun, [sick(1), sick(1), sick(1)], NOW + 61_000);

  expect(patient.machine.state.kind).toBe('loading');
  expect(hanging.machine.state.kind).toBe('unhealthy');
  expect(kinds(hanging.effects)).toEqual(['report', 'terminate', 'wake']);
});

test('a load that takes longer than load_timeout is ended, then killed', () => {
  const begun = tell(fresh(), [wanted(), launched(1)]);
  const ended = tell(begun.machine, [{ kind: 'timer', generation: begun.machine.generation }]);
  const killed = tell(ended.machine, [{ kind: 'timer', generation: ended.machine.generation }]);

  expect(begun.effects).toContainEqual({ kind: 'wake', generation: 2, afterMs: 599_000 });
  expect(ended.machine.state).toMatchObject({ kind: 'unhealthy', phase: 'terminating' });
  expect(killed.machine.state).toMatchObject({ kind: 'unhealthy', phase: 'killing' });
  expect(kinds(killed.effects)).toEqual(['report', 'kill', 'wake']);
});

test('one good probe forgives the failed ones before it', () => {
  const { machine } = tell(fresh(), [...READY, sick(1), sick(1), healthy(1), sick(1), sick(1)]);

  expect(machine.state).toMatchObject({ kind: 'ready', failures: 2 });
  expect(machine.health).toEqual({ value: 'unhealthy', detail: 'timeout' });
});

test('retries failed probes in a row end a ready engine, and its exit is a crash', () => {
  const { machine, all } = tell(fresh(), [...READY, sick(1), sick(1), sick(1), exited(1)]);

  expect(kinds(all)).toContain('terminate');
  expect(machine.state).toMatchObject({ kind: 'backoff', delayMs: 2_000, failure: { code: 'ENGINE_FAILED' } });
});

test('an exit is a crash at once', () => {
  const { machine, effects } = tell(fresh(), [...READY, exited(1)]);

  expect(machine.state).toMatchObject({ kind: 'backoff', dueAt: NOW + 3_000 + 2_000 });
  expect(effects).toContainEqual({ kind: 'wake', generation: machine.generation, afterMs: 2_000 });
});

test('a failed instance stays failed until the spec changes or an operator asks', () => {
  const noRetries = { restart: { maxRetries: 0 } };
  const failed = tell(fresh(noRetries), [wanted(noRetries), launched(1), exited(1)]).machine;

  const again = tell(failed, [wanted(noRetries), { kind: 'ready-asked', waiter: 1, by: 'request' }]);
  const changed = tell(failed, [wanted()]);
  const asked = tell(failed, [{ kind: 'ready-asked', waiter: 1, by: 'operator' }]);

  expect(again.machine.state.kind).toBe('failed');
  expect(again.effects).toMatchObject([{ kind: 'answer', waiter: 1, answer: { kind: 'failure' } }]);
  expect(changed.machine.state.kind).toBe('starting');
  expect(asked.machine).toMatchObject({ state: { kind: 'starting' }, history: { crashes: [] }, restarts: 0 });
});

test('what starting again cannot help fails at once', () => {
  const { machine, effects } = tell(fresh(), [
    wanted(),
    { kind: 'ready-asked', waiter: 1, by: 'operator' },
    { kind: 'launch-failed', launch: 1, failure: broken(true) },
  ]);

  expect(machine.state.kind).toBe('failed');
  expect(kinds(effects)).toEqual(['report', 'release', 'answer']);
});

test('the first failed start answers an operator, a request waits for the outcome', () => {
  const { machine, effects } = tell(fresh(), [
    wanted(),
    { kind: 'ready-asked', waiter: 1, by: 'operator' },
    { kind: 'ready-asked', waiter: 2, by: 'request' },
    launched(1),
    exited(1),
  ]);

  expect(effects).toContainEqual(expect.objectContaining({ kind: 'answer', waiter: 1 }));
  expect(machine.waiters).toMatchObject([{ id: 2 }]);
});

test('an operator who asks while a hung engine is being ended learns of the next start, not of the hang', () => {
  const hung = tell(fresh(), [...READY, sick(1), sick(1), sick(1)]).machine;

  const { machine } = tell(hung, [{ kind: 'ready-asked', waiter: 1, by: 'operator' }, exited(1)]);

  expect(machine.waiters).toMatchObject([{ id: 1, launch: 2 }]);
});

test('a port lost to another program is chosen anew without a crash, a configured one is told', () => {
  const auto = tell(fresh(), [wanted(), launched(1), exited(1, true)]);
  const fixed = { server: { port: 8001 } };
  const configured = tell(fresh(fixed), [wanted(fixed), launched(1), exited(1, true)]);

  expect(auto.machine).toMatchObject({ state: { kind: 'starting', launch: 2 }, history: { crashes: [] } });
  expect(configured.machine.state).toMatchObject({ kind: 'backoff', failure: { code: 'PORT_TAKEN' } });
});

test('a ready engine is drained: two idle looks in a row, then SIGTERM, then SIGKILL', () => {
  const idle: InstanceEvent = slotsSeen([slotOf()]);
  const busy: InstanceEvent = slotsSeen([slotOf({ busy: true })]);
  const draining = tell(fresh(), [...READY, unwanted(), idle, busy, idle]);
  const ending = tell(draining.machine, [idle]);
  const killing = tell(ending.machine, [{ kind: 'timer', generation: ending.machine.generation }]);

  expect(draining.machine.state).toMatchObject({ kind: 'stopping', phase: 'draining', idleReadings: 1 });
  expect(ending.effects).toMatchObject([{ kind: 'report' }, { kind: 'terminate' }, { kind: 'wake', afterMs: 10_000 }]);
  expect(killing.machine.state).toMatchObject({ kind: 'stopping', phase: 'killing' });
});

test('a forced stop does not drain, nor wait for a draining to end', () => {
  const forced = tell(fresh(), [...READY, { kind: 'stop-asked', waiter: 1, force: true }]);
  const cut = tell(fresh(), [...READY, unwanted(), { kind: 'stop-asked', waiter: 1, force: true }]);

  expect(forced.machine.state).toMatchObject({ kind: 'stopping', phase: 'terminating' });
  expect(cut.machine.state).toMatchObject({ kind: 'stopping', phase: 'terminating' });
});

test('a stop during a launch ends the process as soon as it exists', () => {
  const { machine, all } = tell(fresh(), [wanted(), { kind: 'stop-asked', waiter: 1, force: false }, launched(1)]);

  expect(machine.state).toMatchObject({ kind: 'stopping', phase: 'terminating', process: { launch: 1 } });
  expect(kinds(all)).not.toContain('answer');
});

test('wanted again while it stops: the stop is answered, and a new launch follows the exit', () => {
  const { machine, effects } = tell(fresh(), [
    ...READY,
    { kind: 'stop-asked', waiter: 1, force: true },
    wanted(),
    exited(1),
  ]);

  expect(machine.state).toMatchObject({ kind: 'starting', launch: 2 });
  expect(effects).toContainEqual({ kind: 'answer', waiter: 1, answer: { kind: 'stopped' } });
});

test('a changed fingerprint drains and starts anew, another change only takes effect', () => {
  const edited = tell(fresh(), [...READY, wanted({ stop: { graceMs: 1 } })]);
  const changed = tell(fresh(), [...READY, wanted({ fingerprint: 'f2' }), exited(1)]);

  expect(edited.machine).toMatchObject({ state: { kind: 'ready' }, spec: { stop: { graceMs: 1 } } });
  expect(changed.machine.state).toEqual({ kind: 'starting', launch: 2, fingerprint: 'f2' });
});

test('a process of an earlier life that was ready stays ready and is probed at once', () => {
  const { machine, effects } = tell({ ...fresh(), desired: 'running' }, [
    { kind: 'found', found: { kind: 'running', process: processOf(7), readyAt: NOW } },
  ]);

  expect(machine).toMatchObject({ state: { kind: 'ready' }, launch: 7, health: { value: 'unknown' } });
  expect(effects).toMatchObject([{ kind: 'report' }, { kind: 'probe', afterMs: 0 }, { kind: 'see-slots' }]);
});

test('a backoff of an earlier life waits for what is left of it', () => {
  const resting: Machine = {
    ...fresh(),
    desired: 'running',
    state: { kind: 'backoff', dueAt: NOW + 700, delayMs: 2_000, failure: broken(false) },
  };

  const { effects } = tell(resting, [{ kind: 'found', found: { kind: 'nothing' } }]);

  expect(effects).toContainEqual({ kind: 'wake', generation: 1, afterMs: 700 });
});
