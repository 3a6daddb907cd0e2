/** What callers in this process get: generated texts, and slots held for somebody outside. */

import { describe, expect, test } from 'vitest';

import { closedAfterEach } from '../../test/support/closed-after-each.ts';
import { report, startGateway } from '../../test/support/gateway-rig.ts';
import type { GatewayRig, RigInstance } from '../../test/support/gateway-rig.ts';
import { die, startScriptedUpstream, write } from '../../test/support/scripted-upstream.ts';
import { startSyntheticUpstream } from '../../test/support/synthetic-upstream.ts';
import type { SyntheticMode, SyntheticUpstream } from '../../test/support/synthetic-upstream.ts';
import type { GatewayLimits, GenerateCall } from './index.ts';

const WORD = 'data: {"choices":[{"index":0,"delta":{"content":"word"}}]}\n\n';

const opened = closedAfterEach();

async function upstream(): Promise<SyntheticUpstream> {
  return opened(await startSyntheticUpstream());
}

async function gatewayBefore(
  instances: readonly RigInstance[],
  limits: Partial<GatewayLimits> = {},
): Promise<GatewayRig> {
  return opened(await startGateway(instances, { limits }));
}

const never = new AbortController().signal;
const call = (mode: SyntheticMode, more: Partial<GenerateCall> = {}): GenerateCall => ({
  model: 'alpha',
  prompt: 'say something',
  params: { max_tokens: 100, synthetic: mode },
  class: 'batch',
  signal: never,
  ...more,
});

function prompt(body: string): string | undefined {
  return (JSON.parse(body) as { messages: { content: string }[] }).messages.at(-1)?.content;
}

describe('generate', () => {
  test('answers the text, its tokens and where it was made', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);

    const result = await rig.gateway.generate(call({ tokens: 2 }, { system: 'be short' }));

    expect(result).toEqual({
      kind: 'done',
      text: expect.stringMatching(/^0@\d+ 字1@\d+ 字$/),
      tokensIn: 7,
      tokensOut: 2,
      instance: 'alpha',
      device: 'cpu',
    });
    expect(JSON.parse(engine.stats().requests[0]?.body ?? '')).toMatchObject({
      messages: [
        { role: 'system', content: 'be short' },
        { role: 'user', content: 'say something' },
      ],
      max_tokens: 100,
      stream: true,
      return_progress: true,
    });
  });

  test('asks an engine that notices by itself that it has to go for the whole answer', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);
    rig.gateway.onInstance(report({ name: 'alpha', port: engine.port }, { engine: 'embedded' }));

    const result = await rig.gateway.generate(call({ tokens: 2 }));

    expect(result).toMatchObject({ kind: 'done', text: 'token0 token1', tokensIn: 7, tokensOut: 2 });
    expect(JSON.parse(engine.stats().requests[0]?.body ?? '')).toMatchObject({ stream: false });
  });

  test('is made elsewhere when its engine ends within an answer that nobody has seen', async () => {
    const [failing, sound] = await Promise.all([startScriptedUpstream([write(WORD), die]), upstream()]);
    opened(failing);
    const rig = await gatewayBefore([
      { name: 'alpha', port: failing.port, modelId: 'demo' },
      { name: 'beta', port: sound.port, modelId: 'demo' },
    ]);

    const result = await rig.gateway.generate(call({ tokens: 1 }, { model: 'demo' }));

    expect(result).toMatchObject({ kind: 'done', text: expect.stringMatching(/^0@\d+ 字$/), instance: 'beta' });
  });

  test('tells each way to fail as its failure class', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([
      { name: 'alpha', port: engine.port },
      { name: 'beta', port: 1, desired: 'stopped', state: 'stopped' },
    ]);

    const unknown = await rig.gateway.generate(call({}, { model: 'nothing' }));
    const stopped = await rig.gateway.generate(call({}, { model: 'beta' }));
    const refused = await rig.gateway.generate(call({ status: 400 }));
    const broken = await rig.gateway.generate(call({ dieAt: 0 }));

    expect([unknown, stopped, refused, broken].map((result) => result.kind === 'failed' && result.class)).toEqual([
      'definition',
      'infrastructure',
      'definition',
      'infrastructure',
    ]);
  });

  test('ends as cancelled when the caller gives up, and the engine’s work with it', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);
    const giveUp = new AbortController();
    const result = rig.gateway.generate(call({ prefillMs: 60_000 }, { signal: giveUp.signal }));
    await engine.until((stats) => stats.inFlight === 1);

    giveUp.abort();

    expect(await result).toMatchObject({ kind: 'failed', class: 'cancelled' });
    await engine.until((stats) => stats.aborted === 1);
  });

  test('lets an interactive request that came later have the next free slot', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);
    const holder = await rig.gateway.acquireSlot({ model: 'alpha', class: 'batch', signal: never });
    const batch = rig.gateway.generate(call({}));
    const person = rig.post({ model: 'alpha', messages: [{ role: 'user', content: 'hi' }] });
    await expect.poll(() => rig.gateway.snapshot().queued).toBe(2);

    holder.release();
    await Promise.all([batch, person]);

    expect(engine.stats().requests.map(({ body }) => prompt(body))).toEqual(['hi', 'say something']);
  });
});

describe('a held slot', () => {
  const slot = { model: 'alpha', class: 'batch' as const, signal: never };
  const body = { model: 'alpha', messages: [{ role: 'user', content: 'hi' }] };
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

  test('carries calls with its token while nobody else gets in', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }], { queueTimeoutMs: 100 });
    const lease = await rig.gateway.acquireSlot(slot);

    const [mine, again, other] = await Promise.all([
      rig.post(body, bearer(lease.token)),
      rig.post(body, { headers: { 'x-api-key': lease.token } }), // as Anthropic's clients send it
      rig.post(body),
    ]);

    expect(lease).toMatchObject({ instance: 'alpha', model: 'alpha', url: `${rig.url}/v1` });
    expect([mine.status, again.status, other.status]).toEqual([200, 200, 504]);
    expect(engine.stats().peak).toBe(1);
  });

  test('is free after its release, and its token ends', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);
    const lease = await rig.gateway.acquireSlot(slot);
    const headers = { authorization: `Bearer ${lease.token}` };

    lease.release();
    lease.release();

    expect((await rig.post(body)).status).toBe(200);
    expect((await rig.post(body, { headers })).status).toBe(401);
    expect(rig.gateway.snapshot().slots).toEqual({ alpha: { busy: 0, total: 1 } });
  });

  test('is held on to with its token in another life of the gateway, before others that wait', async () => {
    const engine = await upstream();
    const first = await gatewayBefore([{ name: 'alpha', port: engine.port, slots: 1 }]);
    const { token, tokenHash, instance } = await first.gateway.acquireSlot(slot);
    const second = await gatewayBefore([{ name: 'alpha', port: engine.port, slots: 1 }]);

    const restored = second.gateway.restoreSlot({ instance, tokenHash });
    const other = second.gateway.acquireSlot(slot);
    const answer = await second.post(body, bearer(token));
    restored.release();

    expect(answer.status).toBe(200);
    expect((await other).instance).toBe('alpha');
    expect((await second.post(body, bearer(token))).status).toBe(401);
  });

  test('of an instance that is gone is served like any other call', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);
    const held = await rig.gateway.acquireSlot(slot);
    const other = await gatewayBefore([
      { name: 'alpha', port: 1, desired: 'stopped', state: 'stopped' },
      { name: 'beta', port: engine.port },
    ]);

    other.gateway.restoreSlot(held);

    expect((await other.post({ ...body, model: 'beta' }, bearer(held.token))).status).toBe(200);
  });

  test('is refused with its reason', async () => {
    const rig = await gatewayBefore([{ name: 'alpha', port: 1, desired: 'stopped', state: 'stopped' }]);

    await expect(rig.gateway.acquireSlot(slot)).rejects.toMatchObject({ code: 'INSTANCE_STOPPED' });
  });

  test('is not waited for when the caller gives up', async () => {
    const rig = await gatewayBefore([{ name: 'alpha', port: 1, state: 'loading' }]);
    const giveUp = new AbortController();
    const asked = rig.gateway.acquireSlot({ ...slot, signal: giveUp.signal });

    giveUp.abort();

    await expect(asked).rejects.toMatchObject({ code: 'ABORTED' });
    expect(rig.gateway.snapshot().queued).toBe(0);
  });
});

describe('closing', () => {
  test('answers everybody: who runs, who waits, and who asked in the same turn', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);
    const running = rig.gateway.generate(call({ prefillMs: 60_000 }));
    await engine.until((stats) => stats.inFlight === 1);
    const waiting = rig.gateway.generate(call({}));
    const asked = rig.gateway.acquireSlot({ model: 'alpha', class: 'batch', signal: never });
    const refusal = asked.catch((error: unknown) => error);

    await rig.gateway.close();

    expect(await running).toMatchObject({ kind: 'failed', class: 'infrastructure' });
    expect(await waiting).toMatchObject({ kind: 'failed', class: 'infrastructure' });
    expect(await refusal).toMatchObject({ code: 'INSTANCE_UNAVAILABLE' });
  });
});

describe('capacity', () => {
  test('counts the slots of ready instances, or says why there are none', async () => {
    const rig = await gatewayBefore([
      { name: 'alpha', port: 1, slots: 3, modelId: 'demo' },
      { name: 'beta', port: 2, slots: 4, modelId: 'demo', state: 'loading' },
    ]);
    const capacity = (model: string): unknown => rig.gateway.capacity(model);

    await rig.gateway.generate({ ...call({}), model: 'nothing' });

    expect(capacity('demo')).toMatchObject({ slots: 3, reason: null, contextTokens: expect.any(Number) });
    expect(capacity('beta')).toMatchObject({ slots: 0, reason: 'no instance of "beta" is ready' });
    expect(capacity('nothing')).toMatchObject({ slots: 0, reason: expect.stringContaining('nothing') });
  });

  test('counts no slot of an instance on a device that takes no new work', async () => {
    const rig = await gatewayBefore([{ name: 'alpha', port: 1, slots: 3, modelId: 'demo' }]);

    await rig.gateway.generate({ ...call({}), model: 'nothing' });

    expect(rig.gateway.capacity('demo', new Set(['sim0']))).toMatchObject({ slots: 3 });
    expect(rig.gateway.capacity('demo', new Set(['cpu']))).toMatchObject({
      slots: 0,
      reason: 'its devices are constrained',
    });
  });
});
