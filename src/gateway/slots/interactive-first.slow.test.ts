/** Interactive work beside batch work that has every slot, over real sockets; and full queues, and deadlines. */

import { describe, expect, test } from 'vitest';

import { closedAfterEach } from '../../../test/support/closed-after-each.ts';
import { startGateway } from '../../../test/support/gateway-rig.ts';
import type { GatewayRig } from '../../../test/support/gateway-rig.ts';
import { startSyntheticUpstream } from '../../../test/support/synthetic-upstream.ts';
import type { SyntheticMode, SyntheticUpstream } from '../../../test/support/synthetic-upstream.ts';
import type { GatewayLimits } from '../index.ts';

const opened = closedAfterEach();

async function house(
  slots: number,
  limits: Partial<GatewayLimits> = {},
): Promise<{ readonly engine: SyntheticUpstream; readonly rig: GatewayRig }> {
  const engine = opened(await startSyntheticUpstream({ slots }));
  const rig = opened(await startGateway([{ name: 'alpha', port: engine.port, slots }], { limits }));
  return { engine, rig };
}

const BATCH = { 'x-drover-priority': 'batch' };
const LONG: SyntheticMode = { prefillMs: 60_000 };

function ask(rig: GatewayRig, says: string, mode: SyntheticMode = {}, headers: Record<string, string> = {}, more = {}) {
  const messages = [{ role: 'user', content: says }];
  return rig.post({ model: 'alpha', messages, synthetic: mode, ...more }, { headers });
}

/** What the engine was asked, in order. */
function said({ engine }: { readonly engine: SyntheticUpstream }): readonly (string | undefined)[] {
  return engine
    .stats()
    .requests.map(({ body }) => (JSON.parse(body) as { messages: { content: string }[] }).messages[0]?.content);
}

async function errorOf(answer: Response): Promise<unknown> {
  return ((await answer.json()) as { error: unknown }).error; // the test looks at its fields
}

describe('an interactive request while batch work has every slot', () => {
  test('gets the slot of the batch request that began last, which is served afterwards and loses no try', async () => {
    const { engine, rig } = await house(2, { attempts: 1 });
    const first = ask(rig, 'first', { gapMs: 20, tokens: 100 }, BATCH);
    await engine.until(({ inFlight }) => inFlight === 1);
    const second = ask(rig, 'second', { prefillMs: 1_000 }, BATCH);
    await engine.until(({ inFlight }) => inFlight === 2);

    const person = await ask(rig, 'person');

    expect(person.status).toBe(200);
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
    expect(said({ engine })).toEqual(['first', 'second', 'person', 'second']);
    expect(rig.gateway.snapshot().counters).toMatchObject({ preempted: 1, moved: 0, done: 3 });
  });

  test('waits for one whose answer is being read already', async () => {
    const { engine, rig } = await house(1);
    const streamed = await ask(rig, 'read', { gapMs: 10, tokens: 20 }, BATCH, { stream: true });

    const person = ask(rig, 'person');

    expect(await streamed.text()).toContain('[DONE]');
    expect((await person).status).toBe(200);
    expect(said({ engine })).toEqual(['read', 'person']);
    expect(rig.gateway.snapshot().counters.preempted).toBe(0);
  });

  test('does not wait for a task of a plan, whose answer nobody reads before it is whole', async () => {
    const { engine, rig } = await house(1);
    const call = { model: 'alpha', prompt: 'task', class: 'batch' as const, signal: new AbortController().signal };
    const task = rig.gateway.generate({ ...call, params: { synthetic: { gapMs: 20, tokens: 30 } } });
    await engine.until(({ inFlight }) => inFlight === 1);

    await ask(rig, 'person');

    expect(await task).toMatchObject({ kind: 'done', tokensOut: 30 });
    expect(said({ engine })).toEqual(['task', 'person', 'task']);
  });

  test('has no more of them go than are needed', async () => {
    const { engine, rig } = await house(3);
    const batch = [1, 2, 3].map((number) => ask(rig, `batch ${number}`, { gapMs: 20, tokens: 40 }, BATCH));
    await engine.until(({ inFlight }) => inFlight === 3);

    await Promise.all([ask(rig, 'one'), ask(rig, 'two')]);
    await Promise.all(batch);

    expect(rig.gateway.snapshot().counters).toMatchObject({ preempted: 2, done: 5 });
  });

  test('finds a slot free that batch work was asked for a moment ago, where there are four', async () => {
    const { engine, rig } = await house(4);
    for (const number of [1, 2, 3, 4]) void ask(rig, `batch ${number}`, LONG, BATCH).catch(() => null);
    await engine.until(({ inFlight }) => inFlight === 4);

    await ask(rig, 'first person');
    await ask(rig, 'second person');

    expect(rig.gateway.snapshot()).toMatchObject({ queued: 1, inFlight: 3, counters: { preempted: 1 } });
  });

  test('leaves a request alone that has gone three times: it ends, too', async () => {
    const { engine, rig } = await house(1);
    const batch = ask(rig, 'batch', { prefillMs: 400 }, BATCH);
    let served = false;
    void batch.then(() => (served = true));
    await engine.until(({ inFlight }) => inFlight === 1);

    for (let number = 0; !served; number++) await ask(rig, `person ${number}`);

    expect((await batch).status).toBe(200);
    expect(said({ engine }).filter((text) => text === 'batch')).toHaveLength(4);
  });

  test('waits for the next slot where the setting says so', async () => {
    const { engine, rig } = await house(1, { interactiveFirst: 'wait' });
    const batch = ask(rig, 'batch', { prefillMs: 200 }, BATCH);
    await engine.until(({ inFlight }) => inFlight === 1);

    await ask(rig, 'person');

    expect((await batch).status).toBe(200);
    expect(said({ engine })).toEqual(['batch', 'person']);
  });

  test('finds the slot that batch work leaves free where the setting says so', async () => {
    const { engine, rig } = await house(2, { interactiveFirst: 'keep' });
    const batch = [3_000, 0].map((prefillMs, at) => ask(rig, `batch ${at + 1}`, { prefillMs }, BATCH));
    await expect.poll(() => rig.gateway.snapshot()).toMatchObject({ queued: 1, inFlight: 1 });

    await ask(rig, 'person');
    const [waits] = rig.gateway.snapshot().waiting;
    await Promise.all(batch);

    expect(waits?.startsInMs).toBeGreaterThan(0); // not in the slot that is free
    expect(said({ engine })).toEqual(['batch 1', 'person', 'batch 2']);
    expect(rig.gateway.snapshot().counters.preempted).toBe(0);
  });

  test('takes no slot that a task holds', async () => {
    const { rig } = await house(1, { queueTimeoutMs: 300 });
    const signal = new AbortController().signal;
    const held = await rig.gateway.acquireSlot({ model: 'alpha', class: 'batch', signal });
    const own = ask(rig, 'own', { prefillMs: 1_500 }, { authorization: `Bearer ${held.token}` });
    await expect.poll(() => rig.gateway.snapshot().inFlight).toBe(1);

    const person = await ask(rig, 'person');

    expect([person.status, (await own).status]).toEqual([504, 200]);
  });
});

describe('a full queue', () => {
  test('drops its oldest batch request for an interactive one where that is the policy, and says so to it', async () => {
    const { engine, rig } = await house(1, {
      queueLength: 2,
      queueFull: 'drop-oldest-batch',
      interactiveFirst: 'wait',
    });
    void ask(rig, 'running', LONG).catch(() => null);
    await engine.until(({ inFlight }) => inFlight === 1);
    const oldest = ask(rig, 'oldest', {}, BATCH);
    await expect.poll(() => rig.gateway.snapshot().queued).toBe(1);
    void ask(rig, 'younger', {}, BATCH).catch(() => null);
    await expect.poll(() => rig.gateway.snapshot().queued).toBe(2);

    const late = await ask(rig, 'late', {}, BATCH);
    void ask(rig, 'person').catch(() => null);
    const dropped = await oldest;

    expect([late.status, dropped.status]).toEqual([429, 429]);
    expect(dropped.headers.get('retry-after-ms')).toBe(dropped.headers.get('x-backoff-ms'));
    expect(await errorOf(dropped)).toMatchObject({ code: 'queue_dropped' });
    expect(rig.gateway.snapshot().queued).toBe(2);
  });
});

describe('a deadline', () => {
  test('is over while the engine decodes: the engine is stopped, and nobody is told to try again', async () => {
    const { engine, rig } = await house(1);

    const answer = await ask(rig, 'slow', LONG, { 'x-deadline-ms': '1000' });

    expect([answer.status, answer.headers.get('x-should-retry')]).toEqual([504, 'false']);
    expect(await errorOf(answer)).toMatchObject({ code: 'deadline_exceeded' });
    await engine.until(({ aborted }) => aborted === 1);
    expect(await rig.untilEnded(1)).toMatchObject([{ ending: 'expired', code: 'DEADLINE_EXCEEDED' }]);
  });

  test('is over in the queue', async () => {
    const { engine, rig } = await house(1);
    void ask(rig, 'running', LONG).catch(() => null);
    await engine.until(({ inFlight }) => inFlight === 1);

    const answer = await ask(rig, 'hurried', {}, { 'x-deadline-ms': '100' });

    expect(await errorOf(answer)).toMatchObject({ code: 'deadline_exceeded' });
    expect(said({ engine })).toEqual(['running']);
  });

  test.each([
    ['/v1/messages', { max_tokens: 5 }, { type: 'error', error: { type: 'timeout_error' } }],
    ['/completion', { prompt: 'hi' }, { error: { code: 504, message: expect.stringContaining('deadline') } }],
  ])('is kept at %s too', async (path, more, error) => {
    const { rig } = await house(1);
    const body = { model: 'alpha', messages: [{ role: 'user', content: 'hi' }], synthetic: LONG, ...more };

    const answer = await rig.post(body, { path, headers: { 'x-deadline-ms': '100' } });

    expect(answer.status).toBe(504);
    expect(await answer.json()).toMatchObject(error);
  });

  test('before which it could not even begin is refused at once', async () => {
    const { engine, rig } = await house(1);
    await ask(rig, 'measured', { prefillMs: 2_000 });
    void ask(rig, 'running', LONG).catch(() => null);
    await engine.until(({ inFlight }) => inFlight === 1);

    const answer = await ask(rig, 'hurried', {}, { 'x-deadline-ms': '1200' });

    expect(await errorOf(answer)).toMatchObject({
      code: 'deadline_exceeded',
      message: expect.stringMatching(/would begin in about/),
    });
  });

  test('that is no number is refused', async () => {
    const { rig } = await house(1);

    expect((await ask(rig, 'hi', {}, { 'x-deadline-ms': 'soon' })).status).toBe(400);
  });
});

test('what is said of the start is compared with it', async () => {
  const { engine, rig } = await house(1);
  await ask(rig, 'measured', { prefillMs: 800 });
  const waiting = [1, 2, 3].map((number) => ask(rig, `${number}`, { prefillMs: 800 }));
  await engine.until(({ inFlight }) => inFlight === 1);
  await expect.poll(() => rig.gateway.snapshot().queued).toBe(2);

  const told = rig.gateway.snapshot().waiting.map(({ startsInMs }) => startsInMs ?? 0);
  await Promise.all(waiting);

  expect(told[1] ?? 0).toBeGreaterThan(told[0] ?? 0);
  expect(rig.gateway.snapshot().forecast).toMatchObject({ samples: 2, medianMs: expect.any(Number) });
});
