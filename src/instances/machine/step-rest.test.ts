/** The instance machine at rest: after a reboot, and woken where there is no room. */

import { expect, test } from 'vitest';

import { fresh, kinds, tell, wanted } from '../../../test/support/machine-story.ts';
import type { Failure, InstanceEvent, Machine } from './state.ts';

const REBOOTED: InstanceEvent = { kind: 'found', found: { kind: 'rebooted' } };
const FULL: Failure = { code: 'MEMORY_INSUFFICIENT', message: 'does not fit', hint: null, permanent: false };

const asked = (by: 'operator' | 'request', waiter = 1): InstanceEvent => ({ kind: 'ready-asked', waiter, by });
const asleep = (): Machine => ({ ...fresh(), desired: 'running', state: { kind: 'asleep' } });

test('after a reboot an instance waits for its controller, which says when it comes up', () => {
  const recorded: Machine = { ...fresh(), desired: 'running' };

  const alone = tell(recorded, [REBOOTED]);
  const declared = tell(alone.machine, [wanted()]);

  expect(alone.all).toEqual([]);
  expect(alone.machine.state.kind).toBe('stopped');
  expect(declared.machine.state.kind).toBe('starting');
});

test('a sleeper without room tells its requests, and sleeps on', () => {
  const { machine, effects } = tell(asleep(), [
    asked('request', 1),
    asked('request', 2),
    { kind: 'launch-failed', launch: 1, failure: FULL },
  ]);

  expect(machine).toMatchObject({ state: { kind: 'asleep' }, waiters: [], restarts: 0 });
  expect(effects.filter(({ kind }) => kind === 'answer')).toEqual([
    { kind: 'answer', waiter: 1, answer: { kind: 'failure', failure: FULL } },
    { kind: 'answer', waiter: 2, answer: { kind: 'failure', failure: FULL } },
  ]);
  expect(kinds(effects)).toContain('release');
});

test('a remote engine that failed because it might not be called starts again when it may, and no other does', () => {
  const failed = (code: Failure['code'], desired: Machine['desired'] = 'running'): Machine => ({
    ...fresh(),
    desired,
    state: { kind: 'failed', failure: { ...FULL, code, permanent: true } },
  });

  expect(tell(failed('OFFLINE'), [{ kind: 'online' }]).machine.state.kind).toBe('starting');
  expect(tell(failed('CONFIG_INVALID'), [{ kind: 'online' }]).machine.state.kind).toBe('failed');
  expect(tell(asleep(), [{ kind: 'online' }]).machine.state.kind).toBe('asleep');
});

test('an operator who wakes it is told too, and it is tried again', () => {
  const { machine } = tell(asleep(), [asked('operator'), { kind: 'launch-failed', launch: 1, failure: FULL }]);

  expect(machine.state.kind).toBe('backoff');
});
