/** The relay over real sockets, before a synthetic upstream: what reaches the client, and what does not. */

import { request as httpRequest } from 'node:http';

import { describe, expect, test } from 'vitest';

import { closedAfterEach } from '../../../test/support/closed-after-each.ts';
import { startGateway } from '../../../test/support/gateway-rig.ts';
import type { GatewayRig, RigInstance } from '../../../test/support/gateway-rig.ts';
import { AT_ONCE_MS, until } from '../../../test/support/patience.ts';
import { settled } from '../../../test/support/settled.ts';
import { startSyntheticUpstream } from '../../../test/support/synthetic-upstream.ts';
import type { SyntheticMode, SyntheticOptions, SyntheticUpstream } from '../../../test/support/synthetic-upstream.ts';
import type { GatewayLimits } from '../index.ts';

const opened = closedAfterEach();

async function upstream(options: SyntheticOptions = {}): Promise<SyntheticUpstream> {
  return opened(await startSyntheticUpstream(options));
}

async function gatewayBefore(
  instances: readonly RigInstance[],
  limits: Partial<GatewayLimits> = {},
): Promise<GatewayRig> {
  return opened(await startGateway(instances, { limits }));
}

const chat = (mode: SyntheticMode, more: object = {}): object => ({
  model: 'alpha',
  messages: [{ role: 'user', content: 'hello' }],
  synthetic: mode,
  ...more,
});
const streamed = (mode: SyntheticMode): object => chat(mode, { stream: true });

describe('an answer', () => {
  test('in one piece arrives with the headers that tell how it was served', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);

    const answer = await rig.post(chat({ tokens: 3 }), { headers: { 'x-request-id': 'mine-1' } });

    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      choices: [{ message: { content: expect.stringMatching(/^0@.*字2@\d+ 字$/) } }],
    });
    expect(answer.headers.get('x-request-id')).toBe('mine-1');
    expect(answer.headers.get('x-drover-instance')).toBe('alpha');
    expect(answer.headers.get('x-drover-attempts')).toBe('1');
    expect(Number(answer.headers.get('x-drover-queue-ms'))).toBeLessThan(AT_ONCE_MS);
    expect(answer.headers.get('x-drover-overhead-ms')).not.toBeNull();
  });

  test('was asked for with the bytes of the client and the key of the instance', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);
    const body = chat({ tokens: 1 }, { unknown_field: { kept: true }, temperature: 0.1, max_tokens: 1 });

    await rig.post(body, { headers: { authorization: 'Bearer of-the-client' } });

    const [seen] = engine.stats().requests;
    expect(seen).toMatchObject({ path: '/v1/chat/completions', authorization: 'Bearer key-of-alpha' });
    expect(seen?.body).toBe(JSON.stringify(body));
  });

  test('that is streamed has exactly the bytes of the engine', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);

    const answer = await rig.post(streamed({ tokens: 50 }));

    expect(await answer.text()).toBe(engine.stats().lastStream);
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(answer.headers.get('x-accel-buffering')).toBe('no');
  });

  test('whose frames come in pieces cut within characters is whole at the client', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);

    const answer = await rig.post(streamed({ tokens: 20, dribble: true }));

    expect(await answer.text()).toBe(engine.stats().lastStream);
  });

  test('with frames of half a megabyte is whole at the client', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);

    const answer = await rig.post(streamed({ tokens: 2, tokenBytes: 500_000 }));

    expect((await answer.text()).length).toBe(engine.stats().lastStream.length);
  });

  test('is recorded with the tokens that the engine counted', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);

    await (await rig.post(streamed({ tokens: 9 }))).text();

    const [record] = await rig.untilEnded(1);
    expect(record).toMatchObject({
      ending: 'done',
      tokensIn: 7,
      tokensOut: 9,
      instance: 'alpha',
      status: 200,
      attempts: 1,
    });
  });
});

describe('an engine that fails', () => {
  test('in the middle of a stream ends it with an error event, not silently', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);

    const text = await (await rig.post(streamed({ tokens: 10, dieAt: 4, gapMs: 1 }))).text();

    const frames = text.trim().split('\n\n');
    expect(frames.length).toBeGreaterThan(2);
    expect(JSON.parse(frames.at(-1)?.slice('data: '.length) ?? '')).toMatchObject({
      error: { code: 'engine_failed', type: 'server_error' },
    });
    expect(await rig.untilEnded(1)).toMatchObject([{ ending: 'failed', code: 'ENGINE_FAILED' }]);
  });

  test('within a frame leaves only whole frames before the error event', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);

    const text = await (await rig.post(streamed({ tokens: 10, dieWithin: 4, gapMs: 1 }))).text();

    const frames = text.trim().split('\n\n');
    expect(frames.map((frame) => typeof JSON.parse(frame.slice('data: '.length)))).toEqual(frames.map(() => 'object'));
    expect(frames.at(-1)).toContain('engine_failed');
  });

  test('by ending a stream without its last frames is told as an error', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);

    const text = await (await rig.post(streamed({ tokens: 3, silentEnd: true }))).text();

    expect(text).toContain('engine_failed');
  });

  test('before any content lets the request move to another instance', async () => {
    const [broken, sound] = [await upstream(), await upstream()];
    const rig = await gatewayBefore([
      { name: 'alpha', port: broken.port, modelId: 'demo' },
      { name: 'beta', port: sound.port, modelId: 'demo' },
    ]);
    await broken.kill();

    const headers = { 'x-drover-prefer': 'alpha', 'x-drover-allow-fallback': 'true' };
    const answer = await rig.post({ ...streamed({ tokens: 5 }), model: 'demo' }, { headers });

    expect(await answer.text()).toBe(sound.stats().lastStream);
    expect(answer.headers.get('x-drover-instance')).toBe('beta');
    expect(answer.headers.get('x-drover-attempts')).toBe('2');
  });

  test('on every try is a 502 that tells SDKs not to multiply it', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);

    const answer = await rig.post(chat({ dieAt: 0 }));

    expect(answer.status).toBe(502);
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(await answer.json()).toMatchObject({ error: { code: 'engine_failed', type: 'server_error' } });
    expect(engine.stats().requests).toHaveLength(3);
  });

  test('with a status of its own is passed on as it is', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);

    const answer = await rig.post(streamed({ status: 400 }));

    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { message: 'synthetic failure' } });
    expect(await rig.untilEnded(1)).toMatchObject([{ ending: 'failed', code: 'INVALID_REQUEST' }]);
  });

  test('by saying that it was not made for this is not asked again by SDKs, and is sound', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);

    const answers = [];
    for (const status of [501, 501, 501, 501, 501]) answers.push(await rig.post(streamed({ status })));

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([501]));
    expect(answers[0]?.headers.get('x-should-retry')).toBe('false');
    expect(rig.gateway.breakerOf('alpha')).toBe('closed');
  });

  test('by calling a picture that its model cannot see a crash is told as what it is, and is sound', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);
    const picture = { status: 500, message: 'image input is not supported - hint: provide the mmproj' };

    const answers = [];
    for (const ask of [chat, streamed, chat, streamed, chat]) answers.push(await rig.post(ask(picture)));

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([400]));
    expect(await answers[0]?.json()).toMatchObject({ error: { code: 'invalid_request', message: picture.message } });
    expect(rig.gateway.breakerOf('alpha')).toBe('closed');
  });

  test('to a path that it does not serve says so of the model', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);
    const speech = { model: 'alpha', input: 'hello', synthetic: { status: 404, message: 'File Not Found' } };

    const answer = await rig.post(speech, { path: '/v1/audio/speech' });

    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: { message: 'this model has no audio: its engine does not serve /v1/audio/speech' },
    });
  });
});

describe('a client that leaves', () => {
  test('while its answer is streamed frees the slot and ends the engine’s work', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);
    const leave = new AbortController();
    const answer = await rig.post(streamed({ tokens: 10_000, gapMs: 5 }), { signal: leave.signal });
    await answer.body?.getReader().read();

    leave.abort();

    await engine.until((stats) => stats.aborted === 1);
    expect(await rig.untilEnded(1)).toMatchObject([{ ending: 'cancelled', code: 'ABORTED' }]);
    expect((await rig.post(chat({ tokens: 1 }))).status).toBe(200);
  });

  test('while the prompt is read frees the slot', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);
    const leave = new AbortController();
    const answer = rig.post(streamed({ prefillMs: 60_000 }), { signal: leave.signal }).catch(() => 'left');
    await engine.until((stats) => stats.inFlight === 1);

    leave.abort();

    expect(await answer).toBe('left');
    await engine.until((stats) => stats.aborted === 1);
    expect(await rig.untilEnded(1)).toMatchObject([{ ending: 'cancelled', firstByteMs: null }]);
  });

  test('while it waits leaves the queue and never reaches an engine', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);
    const [first, second] = [new AbortController(), new AbortController()];
    const running = rig.post(streamed({ prefillMs: 60_000 }), { signal: first.signal }).catch(() => 'left');
    await engine.until((stats) => stats.inFlight === 1);
    const waiting = rig.post(streamed({}), { signal: second.signal }).catch(() => 'left');
    await until(() => rig.gateway.snapshot().queued === 1);

    second.abort();

    expect(await waiting).toBe('left');
    await rig.untilEnded(1);
    expect(rig.gateway.snapshot()).toMatchObject({ queued: 0, inFlight: 1 });
    expect(engine.stats().requests).toHaveLength(1);
    first.abort();
    await running;
  });

  test('keeps its slot taken until the engine says that it is idle', async () => {
    const engine = await upstream({ slots: 1, slotLingerMs: 150 });
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);
    const leave = new AbortController();
    const answer = await rig.post(streamed({ tokens: 10_000, gapMs: 5 }), { signal: leave.signal });
    await answer.body?.getReader().read();
    leave.abort();
    const left = performance.now();

    await rig.post(chat({ tokens: 1 }));

    expect(performance.now() - left).toBeGreaterThan(100);
  });
});

describe('a reader that stops', () => {
  test('holds back the engine, and buffers less than 256 KB', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);
    const reader = stoppedReader(rig.url, streamed({ tokens: 20_000, tokenBytes: 4_096 }));

    await settled(() => engine.stats().bytesWritten);

    expect(engine.stats().bytesWritten).toBeLessThan(40 * 1024 * 1024);
    expect(rig.gateway.snapshot().bufferedBytes).toBeGreaterThan(0);
    expect(rig.gateway.snapshot().bufferedBytes).toBeLessThan(256 * 1024);
    reader.destroy();
    await engine.until((stats) => stats.aborted === 1);
  });

  test('is cut after the limit', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }], { stalledReaderMs: 100 });
    const reader = stoppedReader(rig.url, streamed({ tokens: 20_000, tokenBytes: 4_096 }));

    await engine.until((stats) => stats.aborted === 1);

    expect(await rig.untilEnded(1)).toMatchObject([{ ending: 'cancelled' }]);
    reader.destroy();
  });
});

describe('requests of one id', () => {
  test('that are there at the same time are told apart, and each is answered', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);
    const headers = { 'x-request-id': 'of-one-caller' };

    const answers = await Promise.all([1, 2, 3].map(() => rig.post(chat({ tokens: 1, prefillMs: 50 }), { headers })));

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const told = answers.map((answer) => answer.headers.get('x-request-id'));
    expect(new Set(told).size).toBe(3);
    expect(told).toContain('of-one-caller');
    expect(new Set((await rig.untilEnded(3)).map(({ id }) => id))).toEqual(new Set(told));
  });

  test('that come after each other keep it', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);
    const headers = { 'x-request-id': 'of-one-caller' };

    await (await rig.post(chat({ tokens: 1 }), { headers })).text();
    const again = await rig.post(chat({ tokens: 1 }), { headers });

    expect(again.headers.get('x-request-id')).toBe('of-one-caller');
  });
});

describe('many at once', () => {
  test('200 streams with a pace lose no token', async () => {
    const engine = await upstream({ slots: 200, quiet: true });
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port, slots: 200 }], { queueLength: 200 });

    const texts = await Promise.all(
      Array.from({ length: 200 }, async () => (await rig.post(streamed({ tokens: 20, gapMs: 20 }))).text()),
    );

    const numbers = texts.map((text) => [...text.matchAll(/"content":"(\d+)@/g)].map((match) => Number(match[1])));
    expect(numbers).toEqual(texts.map(() => Array.from({ length: 20 }, (_, index) => index)));
    expect(engine.stats()).toMatchObject({ aborted: 0, served: 200 });
  });
});

function stoppedReader(url: string, body: object): ReturnType<typeof httpRequest> {
  const request = httpRequest(`${url}/v1/chat/completions`, { method: 'POST' }, (response) => response.pause());
  request.on('error', () => {});
  request.end(JSON.stringify(body));
  return request;
}
