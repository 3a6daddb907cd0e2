/** The instance machine between the engine's good word and its first answer. */

import { expect, test } from 'vitest';

import {
  NOW,
  exited,
  firstAnswered,
  fresh,
  healthy,
  kinds,
  launched,
  tell,
  wanted,
} from '../../../test/support/machine-story.ts';

const WELL = [wanted(), launched(1), healthy(1)];

test('an engine that is healthy is asked a first question, and is ready when it has answered', () => {
  const asked = tell(fresh(), [wanted(), { kind: 'ready-asked', waiter: 1, by: 'request' }, launched(1), healthy(1)]);
  const answered = tell(asked.machine, [firstAnswered(1)], NOW + 3_000);

  expect(asked.machine).toMatchObject({
    state: { kind: 'loading', awaits: 'answer' },
    health: { value: 'loading', detail: 'first answer' },
    waiters: [{ id: 1 }],
  });
  expect(kinds(asked.effects)).toEqual(['report', 'ask-first']);
  expect(answered.machine).toMatchObject({ state: { kind: 'ready', readyAt: NOW + 2_000 }, waiters: [] });
  expect(answered.effects).toContainEqual({ kind: 'answer', waiter: 1, answer: { kind: 'ready' } });
});

test('a first answer that fails ends the launch with its cause', () => {
  const failed = tell(fresh(), [
    wanted(),
    { kind: 'ready-asked', waiter: 1, by: 'operator' },
    launched(1),
    healthy(1),
    firstAnswered(1, { kind: 'failed', detail: '/v1/completions: HTTP 500: no kernel image' }),
  ]);
  const gone = tell(failed.machine, [exited(1)], NOW + 5_000);

  expect(failed.machine.state).toMatchObject({ kind: 'unhealthy', readyAt: null });
  expect(kinds(failed.effects)).toEqual(['report', 'terminate', 'wake']);
  expect(gone.machine.state).toMatchObject({ kind: 'backoff', failure: { code: 'ENGINE_START_FAILED' } });
  expect(gone.effects).toContainEqual({
    kind: 'answer',
    waiter: 1,
    answer: {
      kind: 'failure',
      failure: expect.objectContaining({
        message: 'qwen has loaded and did not answer its first request (/v1/completions: HTTP 500: no kernel image)',
      }) as unknown,
    },
  });
});

test('silence at the first question is a failed start that names the setting', () => {
  const { machine } = tell(fresh(), [...WELL, firstAnswered(1, { kind: 'silent' })]);

  expect(machine.state).toMatchObject({
    failure: {
      message: 'qwen has loaded and did not answer its first request (nothing within 1m00s)',
      hint: 'run "drover logs qwen --both"; if it was only slow, raise healthcheck.stall_timeout',
    },
  });
});

test('an engine that is too busy is asked again, until load_timeout ends it and tells why', () => {
  const busy = tell(fresh(), [...WELL, firstAnswered(1, { kind: 'not-yet', detail: 'HTTP 429' })]);
  const late = tell(busy.machine, [{ kind: 'timer', generation: busy.machine.generation }]);

  expect(busy.machine.state).toMatchObject({ kind: 'loading', awaits: 'answer' });
  expect(busy.effects).toMatchObject([{ kind: 'report' }, { kind: 'ask-first', afterMs: 100 }]);
  expect(late.machine.state).toMatchObject({
    kind: 'unhealthy',
    failure: {
      code: 'ENGINE_START_FAILED',
      message: 'qwen was not ready within its load_timeout of 10m00s (HTTP 429)',
    },
  });
});

test('an engine that ends while it is asked has crashed, and says so in its own words', () => {
  const { machine } = tell(fresh(), [...WELL, exited(1), firstAnswered(1)]);

  expect(machine.state).toMatchObject({ kind: 'backoff', failure: { message: expect.stringContaining('exited') } });
});

test('an engine of an earlier life that had not answered yet is asked, one that had is not', () => {
  const { machine: before } = tell(fresh(), WELL);
  const process = before.state.kind === 'loading' ? before.state.process : null;
  if (process === null) throw new Error('it does not load');

  const found = (readyAt: number | null) =>
    tell({ ...fresh(), desired: 'running' }, [
      { kind: 'found', found: { kind: 'running', process, readyAt } },
      healthy(1),
    ]);

  expect(found(null).machine.state).toMatchObject({ kind: 'loading', awaits: 'answer' });
  expect(found(NOW).machine.state).toMatchObject({ kind: 'ready', readyAt: NOW });
});
