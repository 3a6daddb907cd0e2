/** The front door over real sockets: models, names, refusals, limits, waiting, and the SDK that people use. */

import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';

import { closedAfterEach } from '../../../test/support/closed-after-each.ts';
import { report, startGateway } from '../../../test/support/gateway-rig.ts';
import type { GatewayRig, RigInstance } from '../../../test/support/gateway-rig.ts';
import { until } from '../../../test/support/patience.ts';
import { startSyntheticUpstream } from '../../../test/support/synthetic-upstream.ts';
import type { SyntheticMode, SyntheticUpstream } from '../../../test/support/synthetic-upstream.ts';
import type { GatewayLimits } from '../index.ts';

const opened = closedAfterEach();

async function upstream(slots = 1): Promise<SyntheticUpstream> {
  return opened(await startSyntheticUpstream({ slots }));
}

async function gatewayBefore(
  instances: readonly RigInstance[],
  limits: Partial<GatewayLimits> = {},
): Promise<GatewayRig> {
  return opened(await startGateway(instances, { limits }));
}

const chat = (mode: SyntheticMode = {}, more: object = {}): object => ({
  model: 'alpha',
  messages: [{ role: 'user', content: 'hello' }],
  synthetic: mode,
  ...more,
});

async function errorOf(answer: Response): Promise<unknown> {
  return ((await answer.json()) as { error: unknown }).error; // the test looks at its fields
}

describe('the model list', () => {
  test('names instances and catalogue ids and says which are loaded', async () => {
    const rig = await gatewayBefore([
      { name: 'alpha', port: 1, modelId: 'org/demo' },
      { name: 'beta', port: 2, desired: 'stopped', state: 'stopped' },
    ]);

    const list = (await (await fetch(`${rig.url}/v1/models`)).json()) as { data: unknown[] };

    expect(list).toMatchObject({
      object: 'list',
      data: [
        { id: 'alpha', object: 'model', kind: 'instance', loaded: true },
        { id: 'beta', kind: 'instance', loaded: false, instances: [{ name: 'beta', status: 'stopped' }] },
        { id: 'org/demo', kind: 'model', loaded: true, created: 1_700_000_000 },
      ],
    });
  });

  test('has a page for each, slashes in the id included', async () => {
    const rig = await gatewayBefore([{ name: 'alpha', port: 1, modelId: 'org/demo' }]);

    const [plain, encoded, unknown] = await Promise.all(
      ['org/demo', 'org%2Fdemo', 'org/dem'].map((id) => fetch(`${rig.url}/v1/models/${id}`)),
    );

    expect(await plain?.json()).toMatchObject({ id: 'org/demo' });
    expect(await encoded?.json()).toMatchObject({ id: 'org/demo' });
    expect(unknown?.status).toBe(404);
  });
});

describe('what cannot be served', () => {
  test('an unknown model is a 404 with the names that may have been meant', async () => {
    const rig = await gatewayBefore([{ name: 'alpha', port: 1 }]);

    const answer = await rig.post(chat({}, { model: 'alhpa' }));

    expect(answer.status).toBe(404);
    expect(await errorOf(answer)).toMatchObject({
      code: 'model_not_found',
      type: 'invalid_request_error',
      hint: 'did you mean "alpha"?',
    });
  });

  test('a stopped instance is a 503 with the command that starts it, not to be retried', async () => {
    const rig = await gatewayBefore([{ name: 'alpha', port: 1, desired: 'stopped', state: 'stopped' }]);

    const answer = await rig.post(chat());

    expect(answer.status).toBe(503);
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(await errorOf(answer)).toMatchObject({ code: 'instance_stopped', hint: 'run "drover up alpha"' });
  });

  test('a failed instance is a 503 with its reason', async () => {
    const rig = await gatewayBefore([{ name: 'alpha', port: 1 }]);
    const failure = { code: 'ENGINE_START_FAILED', message: 'crash loop', hint: null };
    rig.gateway.onInstance(report({ name: 'alpha', port: 1, state: 'failed' }, { failure }));

    const answer = await rig.post(chat());

    expect(answer.status).toBe(503);
    expect(await errorOf(answer)).toMatchObject({
      code: 'instance_unavailable',
      message: expect.stringContaining('crash loop'),
    });
  });

  test('malformed JSON, wrong fields and bad numbers are 400 and name the field', async () => {
    const rig = await gatewayBefore([{ name: 'alpha', port: 1 }]);

    const broken = await fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body: '{"model":' });
    const wrong = await rig.post({ model: 'alpha', messages: 'hello' });
    const number = await rig.post(chat({}, { max_tokens: 'many' }));

    expect([broken.status, wrong.status, number.status]).toEqual([400, 400, 400]);
    expect(await errorOf(broken)).toMatchObject({ code: 'invalid_request', type: 'invalid_request_error' });
    expect(await errorOf(wrong)).toMatchObject({ param: 'messages' });
    expect(await errorOf(number)).toMatchObject({ param: 'max_tokens' });
  });

  test('a name that no model can have is refused, and kept nowhere', async () => {
    const rig = await gatewayBefore([{ name: 'alpha', port: 1 }]);

    const answer = await rig.post(chat({}, { model: 'x'.repeat(5_000) }));

    expect(answer.status).toBe(400);
    expect(await errorOf(answer)).toMatchObject({ param: 'model' });
    expect(rig.gateway.requests()).toEqual([]);
  });

  test('a body beyond the limit is a 413, told or not told beforehand', async () => {
    const rig = await gatewayBefore([{ name: 'alpha', port: 1 }], { bodyBytes: 10_000 });
    const large = JSON.stringify(chat({}, { padding: 'x'.repeat(20_000) }));

    const told = await fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body: large });

    expect(told.status).toBe(413);
    expect(await errorOf(told)).toMatchObject({ code: 'body_too_large' });
  });

  test('other methods and paths are 405 with Allow, and 404', async () => {
    const rig = await gatewayBefore([{ name: 'alpha', port: 1 }]);

    const method = await fetch(`${rig.url}/v1/chat/completions`);
    const path = await fetch(`${rig.url}/v1/chat/nonsense`, { method: 'POST' });

    expect([method.status, method.headers.get('allow'), path.status]).toEqual([405, 'POST', 404]);
  });

  test('a full queue is a 429 that says when to come back', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }], { queueLength: 1 });
    const leave = new AbortController();
    const taken = [rig.post(chat({ prefillMs: 60_000 }), { signal: leave.signal }).catch(() => 'left')];
    await engine.until((stats) => stats.inFlight === 1);
    taken.push(rig.post(chat({ prefillMs: 60_000 }), { signal: leave.signal }).catch(() => 'left'));
    await until(() => rig.gateway.snapshot().queued === 1);

    const answer = await rig.post(chat());

    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(Number(answer.headers.get('retry-after-ms'))).toBeGreaterThan(0);
    expect(answer.headers.get('x-backoff-ms')).toBe(answer.headers.get('retry-after-ms'));
    expect(await errorOf(answer)).toMatchObject({ code: 'queue_full', type: 'rate_limit_exceeded' });
    leave.abort();
    await Promise.all(taken);
  });
});

describe('waiting', () => {
  test('a request for a loading instance is served when it is ready', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port, state: 'loading' }]);
    const answer = rig.post(chat({ tokens: 1 }));
    await until(() => rig.gateway.snapshot().queued === 1);

    rig.gateway.onInstance(report({ name: 'alpha', port: engine.port }, { generation: 2 }));

    expect((await answer).status).toBe(200);
  });

  test('ends with 503 when the instance is stopped meanwhile', async () => {
    const rig = await gatewayBefore([{ name: 'alpha', port: 1, state: 'loading' }]);
    const answer = rig.post(chat());
    await until(() => rig.gateway.snapshot().queued === 1);

    rig.directory.setInstances([
      { name: 'alpha', desired: 'stopped', modelId: null, aliases: [], drained: false, ephemeral: false },
    ]);
    rig.gateway.onDirectoryChanged();

    expect((await answer).status).toBe(503);
  });

  test('ends with 504 after the queue timeout', async () => {
    const rig = await gatewayBefore([{ name: 'alpha', port: 1, state: 'loading' }], { queueTimeoutMs: 50 });

    const answer = await rig.post(chat());

    expect(answer.status).toBe(504);
    expect(await rig.untilEnded(1)).toMatchObject([{ ending: 'expired', code: 'TIMEOUT', status: 504 }]);
  });

  test('a stream is kept alive by comments that SDKs ignore, then answered', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port, state: 'loading' }], {
      holdMs: 10,
      keepAliveMs: 10,
    });
    const answer = await rig.post(chat({ tokens: 2 }, { stream: true }));
    const reader = answer.body?.getReader();
    const first = new TextDecoder().decode((await reader?.read())?.value);

    rig.gateway.onInstance(report({ name: 'alpha', port: engine.port }, { generation: 2 }));

    expect(answer.status).toBe(200);
    expect(first).toMatch(/^: queued pos=1\n\n/);
    let rest = '';
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
      rest += new TextDecoder().decode(part.value);
    }
    expect(rest).toMatch(
      /^(?:: (?:queued [^\n]*|working)\n\n)*: started queue_ms=\d+\.\d attempts=1 instance=alpha\n\ndata: /,
    );
    expect(rest.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  test('a stream that was kept alive and then fails gets its error as an event', async () => {
    const rig = await gatewayBefore([{ name: 'alpha', port: 1, state: 'loading' }], {
      holdMs: 5,
      keepAliveMs: 5,
      queueTimeoutMs: 60,
    });

    const answer = await rig.post(chat({}, { stream: true }));

    expect(answer.status).toBe(200);
    expect(await answer.text()).toMatch(/: queued pos=1\n\n[^]*data: {"error":{[^\n]*"code":"timeout"/);
  });

  test('a deadline of the client ends the request within the engine', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);

    const answer = await rig.post(chat({ prefillMs: 60_000 }), { headers: { 'x-deadline-ms': '80' } });

    expect(answer.status).toBe(504);
    await engine.until((stats) => stats.aborted === 1);
  });
});

describe('names', () => {
  test('an alias and a catalogue id reach any instance that has them; an instance name pins', async () => {
    const [first, second] = [await upstream(), await upstream()];
    const rig = await gatewayBefore([
      { name: 'alpha', port: first.port, modelId: 'demo' },
      { name: 'beta', port: second.port, modelId: 'demo' },
    ]);

    const served = await Promise.all(
      [chat({ prefillMs: 50 }, { model: 'demo' }), chat({ prefillMs: 50 }, { model: 'demo' })].map((body) =>
        rig.post(body),
      ),
    );
    const pinned = await rig.post(chat({}, { model: 'beta' }));

    expect(served.map((answer) => answer.headers.get('x-drover-instance')).toSorted()).toEqual(['alpha', 'beta']);
    expect(pinned.headers.get('x-drover-instance')).toBe('beta');
  });

  test('newer field names are told to engines by their older ones', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);

    await rig.post({
      model: 'alpha',
      messages: [{ role: 'developer', content: 'be short' }],
      max_completion_tokens: 5,
    });

    expect(JSON.parse(engine.stats().requests[0]?.body ?? '')).toMatchObject({
      messages: [{ role: 'system', content: 'be short' }],
      max_tokens: 5,
    });
  });
});

function client(rig: GatewayRig): OpenAI {
  return new OpenAI({ baseURL: `${rig.url}/v1`, apiKey: 'none', maxRetries: 0 });
}

describe('the openai package', () => {
  const messages = [{ role: 'user' as const, content: 'hello' }];

  test('lists models, completes and streams with usage', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port, modelId: 'demo' }]);

    const models = await client(rig).models.list();
    const unary = await client(rig).chat.completions.create({ model: 'alpha', messages });
    const stream = await client(rig).chat.completions.create({
      model: 'demo',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);

    expect(models.data.map((model) => model.id)).toEqual(['alpha', 'demo']);
    expect(unary.usage?.completion_tokens).toBe(16);
    expect(chunks.at(-1)?.usage?.completion_tokens).toBe(16);
  });

  test('raises the error event of a broken stream', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);
    const body = { model: 'alpha', messages, stream: true as const, synthetic: { tokens: 10, dieAt: 3, gapMs: 1 } };
    const stream = await client(rig).chat.completions.create(body);

    const reading = (async () => {
      for await (const chunk of stream) expect(chunk.choices).toHaveLength(1);
    })();

    await expect(reading).rejects.toThrow(/instance "alpha" failed/);
  });

  test('frees the slot within a second of its abort', async () => {
    const engine = await upstream();
    const rig = await gatewayBefore([{ name: 'alpha', port: engine.port }]);
    const body = { model: 'alpha', messages, stream: true as const, synthetic: { tokens: 10_000, gapMs: 5 } };
    const stream = await client(rig).chat.completions.create(body);
    for await (const _ of stream) break;

    await engine.until((stats) => stats.aborted === 1);

    await until(() => rig.gateway.snapshot().slots['alpha']?.busy === 0);
    expect(rig.gateway.snapshot().inFlight).toBe(0);
  });
});
