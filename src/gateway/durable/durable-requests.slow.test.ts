/** Tasks on a real store, before an engine that does as it is told; the controller dies by leaving everything as it is. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { startGateway } from '../../../test/support/gateway-rig.ts';
import type { GatewayRig, RigInstance } from '../../../test/support/gateway-rig.ts';
import { startSyntheticUpstream } from '../../../test/support/synthetic-upstream.ts';
import type { SyntheticMode, SyntheticUpstream } from '../../../test/support/synthetic-upstream.ts';
import { AppError, readInferenceTask } from '../../contract/index.ts';
import type { InferenceTaskRequest, TaskEvent } from '../../contract/index.ts';
import { silentLog, systemClock } from '../../kernel/index.ts';
import { openStore } from '../../store/index.ts';
import type { Store } from '../../store/index.ts';
import { createDurableRequests } from './durable-requests.ts';
import type { DurableRequests, SeenTask } from './durable-requests.ts';

let folder: string;
let store: Store;
let engine: SyntheticUpstream;
const open: (() => Promise<void> | void)[] = [];
const never = new AbortController().signal;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drover-tasks-'));
  store = await openStore({ url: `sqlite:${join(folder, 'store.db')}`, log: silentLog, clock: systemClock });
  engine = await startSyntheticUpstream();
});

afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
  await engine.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Life {
  readonly rig: GatewayRig;
  readonly tasks: DurableRequests;
  /** As if it had been killed: nothing more is written down. */
  die(): Promise<void>;
}

async function newLife(instances: readonly RigInstance[] = [{ name: 'alpha', port: engine.port }]): Promise<Life> {
  const rig = await startGateway(instances, { limits: { queueLength: 2 } });
  const stop = new AbortController();
  const tasks = createDurableRequests({
    gateway: rig.gateway,
    store,
    clock: systemClock,
    random: () => 0.25,
    log: silentLog,
    isDownloaded: () => true,
    keepDays: () => 7,
  });
  const resumed = tasks.resume(stop.signal);
  let isDead = false;
  const die = async (): Promise<void> => {
    if (isDead) return;
    isDead = true;
    tasks.close();
    stop.abort();
    await resumed;
    await rig[Symbol.asyncDispose]();
  };
  open.push(die);
  return { rig, tasks, die };
}

/** The engine does as the mode says, which travels in the prompt's own field. */
function order(
  mode: SyntheticMode,
  more: Partial<InferenceTaskRequest> = {},
  key: string | null = null,
  owner = 'key:a',
) {
  const ask = readInferenceTask({ model: 'alpha', prompt: 'hello', ...more });
  return {
    ask: { ...ask, sampling: { ...ask.sampling, synthetic: mode } as typeof ask.sampling },
    owner,
    idempotencyKey: key,
  };
}

async function readAll(tasks: DurableRequests, task: SeenTask, after = 0): Promise<TaskEvent[]> {
  const events: TaskEvent[] = [];
  for await (const some of tasks.read(task, after, never)) events.push(...some);
  return events;
}

const names = (events: readonly TaskEvent[]): readonly string[] =>
  events.filter(({ event }) => event !== 'metrics').map(({ event }) => event);

async function refind(tasks: DurableRequests, { record }: SeenTask): Promise<SeenTask> {
  const found = await tasks.find(record.id);
  if (found === null) throw new Error('the task is gone');
  return found;
}

describe('a task', () => {
  test('is queued, started and told token by token, with one end', async () => {
    const { tasks } = await newLife();

    const task = await tasks.accept(order({ tokens: 3 }, { seed: 5 }), null);
    const events = await readAll(tasks, task);

    expect(names(events)).toEqual(['queued', 'started', 'token', 'token', 'token', 'end']);
    expect(events.at(-1)?.data).toMatchObject({ tokens_out: 3, tokens_in: 7, stop_reason: 'stop', seed: 5 });
    expect(JSON.parse(engine.stats().requests[0]?.body ?? '')).toMatchObject({
      prompt: 'hello',
      seed: 5,
      stream: true,
    });
  });

  test('is told again from its row once it has ended, behind any id', async () => {
    const { tasks } = await newLife();
    const task = await tasks.accept(order({ tokens: 3 }), null);
    const events = await readAll(tasks, task);

    const ended = await refind(tasks, task);

    expect(ended.live).toBeNull();
    expect(names(await readAll(tasks, ended))).toEqual(names(events));
    expect(names(await readAll(tasks, ended, 4))).toEqual(['token', 'end']);
    expect(await readAll(tasks, ended, 6)).toEqual([]);
  });

  test('keeps its end alone where that is wished', async () => {
    const { tasks } = await newLife();
    const task = await tasks.accept(order({ tokens: 3 }, { stream_retention: 'end' }), null);
    await readAll(tasks, task);

    expect(names(await readAll(tasks, await refind(tasks, task)))).toEqual(['end']);
  });

  test('whose reader is cut at any event goes on behind it, without a gap and without a repeat', async () => {
    const { tasks } = await newLife();
    const task = await tasks.accept(order({ tokens: 6, gapMs: 5 }), null);
    const whole = readAll(tasks, task);
    const cuts = Array.from({ length: 9 }, (_, cut) => cut);

    const pieced = await Promise.all(cuts.map((cut) => readInTwo(tasks, task, cut)));

    const told = (await whole).filter(({ id }) => id !== null);
    for (const events of pieced) expect(events).toEqual(told);
  });

  test('that an engine refuses ends with its error', async () => {
    const { tasks } = await newLife();
    const task = await tasks.accept(order({ status: 400 }), null);

    const events = await readAll(tasks, task);

    expect(events.at(-1)).toMatchObject({ event: 'error', data: { code: 'invalid_request', retriable: false } });
    expect((await refind(tasks, task)).record.end).toMatchObject({ ending: 'failed', code: 'INVALID_REQUEST' });
  });

  test('whose engine dies within the answer ends with an error that may be retried', async () => {
    const { tasks } = await newLife();
    const task = await tasks.accept(order({ tokens: 5, gapMs: 50, dieAt: 2 }), null);

    const events = await readAll(tasks, task);

    expect(names(events)).toEqual(['queued', 'started', 'token', 'token', 'error']);
    expect(events.at(-1)?.data).toMatchObject({ code: 'engine_failed', retriable: true });
  });

  test('that is too late ends as expired', async () => {
    const { tasks } = await newLife();
    const task = await tasks.accept(order({ prefillMs: 60_000 }, { deadline_ms: 50 }), null);

    const events = await readAll(tasks, task);

    expect(events.at(-1)).toMatchObject({ event: 'error', data: { code: 'deadline_exceeded' } });
    expect((await refind(tasks, task)).record.end?.ending).toBe('expired');
  });

  test('that could not even begin before its deadline is none', async () => {
    const { tasks } = await newLife();
    await readAll(tasks, await tasks.accept(order({ tokens: 1, prefillMs: 1_000 }), null));
    const running = await tasks.accept(order({ prefillMs: 60_000 }), null);

    const hurried = tasks.accept(order({}, { deadline_ms: 300 }), null);

    await expect(hurried).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      message: expect.stringMatching(/would begin in about/),
    });
    expect(await tasks.list({ owner: null, limit: 9 })).toHaveLength(2);
    await tasks.cancel(running, 'key:a');
  });

  test('without a model is none', async () => {
    const { tasks } = await newLife();

    await expect(tasks.accept(order({}, { model: 'nothing' }), null)).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
    });
    expect(await tasks.list({ owner: null, limit: 9 })).toEqual([]);
  });

  test('that insists on what is not there, or finds the queue full, is none', async () => {
    const { tasks } = await newLife();
    const pinned = order({}, { placement: { pin: 'beta' } });
    const taken = await Promise.all([1, 2, 3].map(() => tasks.accept(order({ prefillMs: 60_000 }), null)));

    await expect(tasks.accept(pinned, null)).rejects.toMatchObject({ code: 'PLACEMENT_INFEASIBLE' });
    await expect(tasks.accept(order({}), null)).rejects.toMatchObject({
      code: 'QUEUE_FULL',
      detail: { retry_after_ms: expect.any(Number) },
    });

    expect((await tasks.list({ owner: null, limit: 9 })).map(({ record }) => record.id)).toHaveLength(3);
    for (const task of taken) await tasks.cancel(task, 'key:a');
  });

  test('tells its place in the queue, and that it has moved up', async () => {
    const { tasks } = await newLife();
    const slow = await tasks.accept(order({ tokens: 1, prefillMs: 1_200 }), null);
    const first = await tasks.accept(order({ tokens: 1, prefillMs: 1_200 }), null);
    const second = await tasks.accept(order({ tokens: 1 }), null);

    const events = await readAll(tasks, second);

    expect(second.live?.state).toBeDefined();
    expect(events.filter(({ event }) => event === 'queued').map(({ data }) => data)).toMatchObject([
      { position: 2 },
      { position: 1 },
    ]);
    await expect(tasks.accept(order({}), null)).resolves.toBeDefined();
    await Promise.all([readAll(tasks, slow), readAll(tasks, first)]);
  });
});

async function readInTwo(tasks: DurableRequests, task: SeenTask, cut: number): Promise<readonly TaskEvent[]> {
  const first: TaskEvent[] = [];
  const leave = new AbortController();
  if (cut > 0) {
    for await (const some of tasks.read(task, 0, leave.signal)) {
      first.push(...some.filter(({ id }) => id !== null));
      if (first.length >= cut) break;
    }
  }
  const had = first.slice(0, cut);
  const rest = await readAll(tasks, await refind(tasks, task), had.at(-1)?.id ?? 0);
  return [...had, ...rest.filter(({ id }) => id !== null)];
}

describe('a key of idempotency', () => {
  test('gives the same task, also to whoever asks at the same time, and is nobody else’s', async () => {
    const { tasks } = await newLife();

    const [one, same] = await Promise.all([
      tasks.accept(order({ tokens: 1 }, {}, 'k'), null),
      tasks.accept(order({ tokens: 1 }, {}, 'k'), null),
    ]);
    const other = await tasks.accept(order({ tokens: 1 }, {}, 'k', 'key:b'), null);

    expect(same.record.id).toBe(one.record.id);
    expect(other.record.id).not.toBe(one.record.id);
    await expect(tasks.accept(order({ tokens: 2 }, {}, 'k'), null)).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    });
  });

  test('of a task that was refused may be used again', async () => {
    const { tasks, rig } = await newLife();
    const full = order({ tokens: 1 }, { model: 'later' }, 'k');
    await expect(tasks.accept(full, null)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    rig.directory.setInstances([
      { name: 'alpha', desired: 'running', modelId: null, aliases: ['later'], drained: false, ephemeral: false },
    ]);

    const task = await tasks.accept(full, null);

    expect(names(await readAll(tasks, task)).at(-1)).toBe('end');
  });
});

describe('a cancel', () => {
  test('of a task that waits takes it from the queue', async () => {
    const { tasks, rig } = await newLife();
    const running = await tasks.accept(order({ prefillMs: 60_000 }), null);
    const waiting = await tasks.accept(order({}), null);

    expect(await tasks.cancel(waiting, 'key:a')).toBe(true);

    expect(rig.gateway.snapshot().queued).toBe(0);
    const ended = await refind(tasks, waiting);
    expect(ended.record.end).toMatchObject({ ending: 'cancelled', code: 'ABORTED' });
    expect(await tasks.cancel(ended, 'key:a')).toBe(false);
    await tasks.cancel(running, 'key:a');
  });

  test('of one that runs frees the engine, and no token follows the acknowledgement', async () => {
    const { tasks } = await newLife();
    const task = await tasks.accept(order({ tokens: 100_000, gapMs: 1 }), null);
    const events: TaskEvent[] = [];
    let acknowledgedAt = Infinity;
    for await (const some of tasks.read(task, 0, never)) {
      events.push(...some);
      if (events.length > 8 && acknowledgedAt === Infinity) {
        await tasks.cancel(task, 'key:a');
        acknowledgedAt = events.length;
      }
    }

    expect(names(events.slice(acknowledgedAt))).toEqual(['error']);
    expect(events.at(-1)?.data).toMatchObject({ code: 'cancelled', retriable: false });
    await engine.until(({ aborted, inFlight }) => aborted === 1 && inFlight === 0);
    expect(names(await readAll(tasks, await refind(tasks, task))).at(-1)).toBe('error');
  });

  test('by the id of its request is the same', async () => {
    const { tasks, rig } = await newLife();
    const task = await tasks.accept(order({ prefillMs: 60_000 }), null);

    await rig.gateway.endRequests(({ id }) => id === task.record.id, new AppError('ABORTED', 'by hand'));

    expect((await readAll(tasks, task)).at(-1)?.data).toMatchObject({ code: 'cancelled' });
  });
});

describe('another controller', () => {
  test('takes up what waited and what ran, and a reader goes on where he was', async () => {
    const first = await newLife();
    const running = await first.tasks.accept(order({ prefillMs: 60_000 }), null);
    const waiting = await first.tasks.accept(order({ tokens: 2 }), null);
    await engine.until(({ inFlight }) => inFlight === 1);
    await first.die();
    engine = await anotherEngine();

    const second = await newLife([{ name: 'alpha', port: engine.port, slots: 2 }]);
    const found = await refind(second.tasks, waiting);
    const events = await readAll(second.tasks, found, 1);

    expect(events.every(({ id }) => id === null || id > 2 ** 32)).toBe(true);
    expect(names(events).at(-1)).toBe('end');
    expect((await refind(second.tasks, running)).record).toMatchObject({ lives: 1, end: null });
  });

  test('ends what was being told with an error that may be retried', async () => {
    const first = await newLife();
    const task = await first.tasks.accept(order({ tokens: 1_000, gapMs: 20 }), null);
    for await (const some of first.tasks.read(task, 0, never)) if (names(some).includes('token')) break;
    await first.die();

    const second = await newLife();
    const events = await readAll(second.tasks, await refind(second.tasks, task), 3);

    expect(events).toMatchObject([{ event: 'error', data: { code: 'instance_unavailable', retriable: true } }]);
  });

  test('begins anew what nobody has heard of yet', async () => {
    const first = await newLife();
    const task = await first.tasks.accept(order({ tokens: 30, gapMs: 100 }), null);
    await expect.poll(() => task.live?.tokensOut).toBeGreaterThan(0);
    await first.die();

    const second = await newLife();

    expect(names(await readAll(second.tasks, await refind(second.tasks, task))).at(-1)).toBe('end');
  });

  test('takes up more than its queue holds: what is accepted waits for room', async () => {
    const first = await newLife([{ name: 'alpha', port: engine.port, slots: 4 }]);
    const tasks = await Promise.all(
      [1, 2, 3, 4, 5].map(() => first.tasks.accept(order({ prefillMs: 300, tokens: 1 }), null)),
    );
    await first.die();

    const second = await newLife();
    const ends = await Promise.all(
      tasks.map(async (task) => names(await readAll(second.tasks, await refind(second.tasks, task))).at(-1)),
    );

    expect(ends).toEqual(['end', 'end', 'end', 'end', 'end']);
  });

  test('tells of a deadline that passed meanwhile', async () => {
    const first = await newLife();
    const task = await first.tasks.accept(order({ prefillMs: 60_000 }, { deadline_ms: 300 }), null);
    await first.die();
    await expect.poll(() => systemClock.now() > (task.record.deadlineAt ?? 0)).toBe(true);

    const second = await newLife();

    expect((await readAll(second.tasks, await refind(second.tasks, task))).at(-1)?.data).toMatchObject({
      code: 'deadline_exceeded',
    });
  });
});

async function anotherEngine(): Promise<SyntheticUpstream> {
  const before = engine;
  open.push(() => before.close());
  return startSyntheticUpstream();
}

describe('a session', () => {
  const turn = (more: Partial<InferenceTaskRequest> = {}) => order({ tokens: 4 }, { session_id: 's1', ...more });

  test('is made by its first turn and counts what its turns use', async () => {
    const { tasks } = await newLife();
    const task = await tasks.accept(turn(), null);
    await readAll(tasks, task);

    expect(await tasks.sessions.list('key:a')).toMatchObject([{ id: 's1', turns: 1, openTurns: 0, tokensUsed: 11 }]);
    expect(await tasks.sessions.find('s1', 'key:b')).toBeNull();
  });

  test('refuses a turn that asks for more than its budget has left, before it is in the queue', async () => {
    const { tasks } = await newLife();
    await tasks.sessions.setBudget({ owner: 'key:a', id: 's1' }, { budgetTokens: 40 });
    await readAll(tasks, await tasks.accept(turn({ max_tokens: 20 }), null));

    await expect(tasks.accept(turn({ max_tokens: 28 }), null)).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });

    expect(engine.stats().requests).toHaveLength(1);
    await readAll(tasks, await tasks.accept(turn(), null));
    expect(JSON.parse(engine.stats().requests[1]?.body ?? '')).toMatchObject({ max_tokens: 27 });
  });

  test('is forgotten when asked, and its next turn makes another', async () => {
    const { tasks } = await newLife();
    await readAll(tasks, await tasks.accept(turn(), null));

    await tasks.sessions.remove('s1', 'key:a');

    await expect(tasks.sessions.remove('s1', 'key:a')).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
    await readAll(tasks, await tasks.accept(turn(), null));
    expect(await tasks.sessions.find('s1', null)).toMatchObject({ turns: 1 });
  });
});
