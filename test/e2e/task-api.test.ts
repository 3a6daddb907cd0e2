/** The native task API on a real daemon with a real engine: read on at every event, cancelled, and through a kill -9. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Drover } from '../../src/client/index.ts';
import type {
  AcceptedTaskView,
  CreatedKeyView,
  InferenceTaskDetailView,
  InferenceTaskRequest,
  InferenceTaskView,
  InstanceView,
  TaskEvent,
} from '../../src/contract/index.ts';
import { openHouse, until } from '../support/house.ts';
import type { House } from '../support/house.ts';
import { restOf } from '../support/rest.ts';
import type { Answered, Rest } from '../support/rest.ts';

let house: House;
let door: Rest;
let drover: Drover;

beforeAll(async () => {
  house = await openHouse();
  door = restOf(house, 'tcp');
  drover = new Drover({ host: house.url });
  await house.drover('models', 'demo');
  await house.drover('init', 'alpha', '--profile', 'cpu', '-m', 'demo');
  house.editConfig('alpha', (config) => ({
    ...config,
    model: { id: 'demo', context_size: CONTEXT },
    server: { parallel: 2 },
  }));
  await house.drover('up', 'alpha');
});

afterAll(() => house[Symbol.asyncDispose]());

const CONTEXT = 32_768;
/** The likeliest word each time: it goes on to its limit. */
const short = { model: 'alpha', prompt: 'the', max_tokens: 5, temperature: 0 };
/** Longer than anything else takes here. */
const long = { ...short, max_tokens: CONTEXT - 100 };
const UNHEARD_TOKENS = 3_000;

function post(body: object, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
  return door.ask('/v2/tasks', { method: 'POST', body, headers });
}

async function create(request: InferenceTaskRequest): Promise<string> {
  return (await drover.tasks.create(request)).task_id;
}

async function readAll(id: string, after?: number): Promise<readonly TaskEvent[]> {
  const events: TaskEvent[] = [];
  for await (const event of drover.tasks.stream(id, { after })) events.push(event);
  return events.filter((event) => event.id !== null);
}

const names = (events: readonly TaskEvent[]): readonly string[] => events.map(({ event }) => event);

describe('a task', () => {
  test('is accepted once, and refused with all that is wrong', async () => {
    const headers = { 'idempotency-key': 'once' };

    const [first, again, other] = [await post(short, headers), await post(short, headers), await post(long, headers)];
    const wrong = await post({ prompt: 'x', messages: [], temperature: 9, stop: ['a', 'b', 'c', 'd', 'e'], more: 1 });

    expect(first.status).toBe(202);
    expect(first.body).toMatchObject({
      queue_position: 0,
      preparation: [],
      events_url: expect.stringContaining('/events'),
    });
    expect((again.body as AcceptedTaskView).task_id).toBe((first.body as AcceptedTaskView).task_id);
    expect([other.status, other.text]).toEqual([409, expect.stringContaining('IDEMPOTENCY_CONFLICT')]);
    expect(wrong.status).toBe(400);
    for (const part of ['model', 'messages', 'temperature', 'stop', 'more', 'either'])
      expect(wrong.text).toContain(part);
    expect((await post({ ...short, model: 'alfa' })).text).toContain('MODEL_NOT_FOUND');
    expect((await post({ ...short, prompt: 'the '.repeat(300_000) })).text).toContain('CONTEXT_LENGTH_EXCEEDED');
    expect((await door.ask('/v2/tasks/req_none/events')).status).toBe(404);
  });

  test('whose connection is cut behind every single event is read without a gap and without a repeat', async () => {
    const { task_id: id } = (await post({ ...long, max_tokens: 150 })).body as AcceptedTaskView;
    const pieced: string[] = [];
    let last = '0';
    for (;;) {
      const text = await door.readUntil(`/v2/tasks/${id}/events`, (read) => frameIn(read) !== null, {
        'last-event-id': last,
      });
      const frame = frameIn(text);
      if (frame === null) break;
      pieced.push(frame);
      last = /^id: (\d+)$/m.exec(frame)?.[1] ?? 'none';
    }

    const whole = (await door.ask(`/v2/tasks/${id}/events`)).text
      .split('\n\n')
      .filter((frame) => frame.startsWith('id: '));
    expect(pieced).toEqual(whole);
    expect(pieced.filter((frame) => frame.includes('event: token'))).toHaveLength(150);
    expect(pieced.at(-1)).toContain('"stop_reason":"length"');
    expect((await door.ask(`/v2/tasks/${id}/events`, { headers: { 'last-event-id': last } })).status).toBe(204);
  });

  test('that is cancelled tells no token afterwards, and its slot is free', async () => {
    const id = await create(long);
    const events: TaskEvent[] = [];
    let cancelled: Promise<Answered> | null = null;
    for await (const event of drover.tasks.stream(id)) {
      events.push(event);
      if (events.length === 10) cancelled = door.ask(`/v2/tasks/${id}/cancel`, { method: 'POST' });
    }

    expect((await cancelled)?.status).toBe(202);
    expect(events.at(-1)).toMatchObject({ event: 'error', data: { code: 'cancelled', retriable: false } });
    expect((await door.ask(`/v2/tasks/${id}`, { method: 'DELETE' })).status).toBe(200);
    expect((await door.ask('/v2/tasks/req_none', { method: 'DELETE' })).status).toBe(404);
    await until(
      () => house.json<readonly InstanceView[]>('ps'),
      ([alpha]) => alpha?.slots.busy === 0,
    );
    const [shown] = (await readAll(id)).slice(-1);
    expect(shown?.event).toBe('error');
  });

  test('can be cancelled while it waits, also as the request that it is', async () => {
    const running = [await create(long), await create(long)];
    const waiting = [await create(short), await create(short)];

    expect(await drover.tasks.cancel(waiting[0] ?? '')).toMatchObject({ status: 'cancelled', code: 'ABORTED' });
    expect((await house.drover('requests', 'cancel', waiting[1] ?? '')).code).toBe(0);

    expect(names(await readAll(waiting[1] ?? ''))).toEqual(['queued', 'error']);
    for (const id of running) await drover.tasks.cancel(id);
  });
});

/** The first whole frame with an id; null when there is none. */
function frameIn(text: string): string | null {
  return (
    text
      .split('\n\n')
      .slice(0, -1)
      .find((frame) => frame.startsWith('id: ')) ?? null
  );
}

test('kill -9 of the controller loses none: what was told ends, what nobody heard of begins anew, what waits waits', async () => {
  const told = await create(long);
  const unheard = await create({ ...long, max_tokens: UNHEARD_TOKENS });
  const waiting = await create(short);
  const reading = readAll(told);
  const waitingOn = readAll(waiting);
  await until(
    () => show(told),
    ({ tokens_out: tokens }) => tokens > 20,
  );
  await until(
    () => show(unheard),
    ({ status }) => status === 'streaming',
  );

  await house.kill('controller');

  const last = (await reading).at(-1);
  expect(last).toMatchObject({ event: 'error', data: { code: 'instance_unavailable', retriable: true } });
  expect(names(await waitingOn).slice(-6)).toEqual(['token', 'token', 'token', 'token', 'token', 'end']);
  expect((await readAll(unheard)).at(-1)).toMatchObject({ event: 'end', data: { tokens_out: UNHEARD_TOKENS } });
  const states = (await drover.tasks.list({ limit: 3 })).map(({ status, restarts }) => [status, restarts]);
  expect(states).toEqual([
    ['done', 1],
    ['done', 1],
    ['failed', 1],
  ]);
});

const show = (id: string): Promise<InferenceTaskDetailView> => drover.tasks.get(id);

test('a session counts its turns, and its budget is told and kept', async () => {
  await drover.sessions.setBudget('talk', { budget_tokens: 40, budget_seconds: 60 });
  const first = await post({ ...short, session_id: 'talk' });
  await readAll((first.body as AcceptedTaskView).task_id);
  const second = await post({ ...short, max_tokens: 60, session_id: 'talk' });

  expect(Number(first.headers['x-budget-tokens-remaining'])).toBeLessThan(40);
  expect(second.status).toBe(429);
  expect(second.text).toContain('BUDGET_EXCEEDED');
  expect(Number(second.headers['x-budget-tokens-remaining'])).toBeGreaterThan(0);
  expect(second.headers['x-budget-seconds-remaining']).toBeDefined();
  expect(await drover.sessions.get('talk')).toMatchObject({ turns: 1, open_turns: 0, budget_tokens: 40 });
  await drover.sessions.remove('talk');
  await expect(drover.sessions.get('talk')).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
});

test('embeddings come as one result; artifacts are named by what they hold', async () => {
  const made = await readAll(await create({ model: 'alpha', workload: 'embedding', prompt: ['a', 'b'] }));
  const keep = () =>
    door.ask('/v2/artifacts?content_type=text/plain', {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', 'content-length': '5' },
      body: 'hello',
    });
  const [kept, again] = [await keep(), await keep()];
  const { id } = kept.body as { id: string };

  expect(names(made)).toEqual(['queued', 'started', 'result', 'end']);
  expect([kept.status, again.status]).toEqual([201, 200]);
  expect(id).toMatch(/^sha256:2cf24dba/);
  expect(await door.ask(`/v2/artifacts/${id}`)).toMatchObject({
    text: 'hello',
    headers: { 'content-type': 'text/plain' },
  });
  expect((await door.ask(`/v2/artifacts/${id}`, { method: 'DELETE' })).status).toBe(200);
  expect((await door.ask(`/v2/artifacts/${id}`)).text).toContain('ARTIFACT_NOT_FOUND');
  expect((await door.ask('/v2/meta/capabilities')).body).toMatchObject({
    workloads: expect.arrayContaining(['rerank']),
  });
});

test('a key sees and cancels its own tasks alone; one of scope manage all', async () => {
  const [mine, theirs, boss] = await Promise.all([newKey(), newKey(), newKey('--scope', 'manage')]);
  const { task_id: id } = (await post(long, mine)).body as AcceptedTaskView;
  const statuses = (headers: Readonly<Record<string, string>>) =>
    Promise.all(
      [`/v2/tasks/${id}`, `/v2/tasks/${id}/events?after=99999999999`].map((path) => door.ask(path, { headers })),
    );

  expect((await door.ask(`/v2/tasks/${id}`, { headers: theirs })).status).toBe(404);
  expect((await door.ask(`/v2/tasks/${id}/cancel`, { method: 'POST', headers: theirs })).status).toBe(404);
  expect((await door.ask('/v2/tasks', { headers: theirs })).body).toEqual([]);
  expect(
    ((await door.ask('/v2/tasks', { headers: mine })).body as InferenceTaskView[]).map((task) => task.task_id),
  ).toEqual([id]);
  expect((await door.ask(`/v2/tasks/${id}/cancel`, { method: 'POST', headers: boss })).status).toBe(202);
  expect((await statuses(mine)).map(({ status }) => status)).toEqual([200, 204]);
});

async function newKey(...flags: string[]): Promise<{ readonly authorization: string }> {
  const { key } = await house.json<CreatedKeyView>('key', 'create', ...flags);
  return { authorization: `Bearer ${key}` };
}
