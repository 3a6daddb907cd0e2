/** Prompts that are too long, before a gateway with an engine that counts a token a word. */

import { describe, expect, test } from 'vitest';

import { closedAfterEach } from '../../../test/support/closed-after-each.ts';
import { report, startGateway } from '../../../test/support/gateway-rig.ts';
import type { GatewayRig } from '../../../test/support/gateway-rig.ts';
import { startSyntheticUpstream } from '../../../test/support/synthetic-upstream.ts';
import type { SyntheticOptions, SyntheticUpstream } from '../../../test/support/synthetic-upstream.ts';

const opened = closedAfterEach();

/** An instance for each context size, all of them of the model `demo`. */
function house(...contexts: readonly number[]): Promise<House> {
  return houseOf({}, contexts);
}

interface House {
  readonly engine: SyntheticUpstream;
  readonly rig: GatewayRig;
}

async function houseOf(options: SyntheticOptions, contexts: readonly number[]): Promise<House> {
  const engine = opened(await startSyntheticUpstream({ slots: 4, ...options }));
  const instances = contexts.map((_, at) => ({ name: `i${at}`, port: engine.port, modelId: 'demo' }));
  const rig = opened(await startGateway(instances));
  contexts.forEach((contextSize, at) => rig.gateway.onInstance(report(instances[at] ?? never(), { contextSize })));
  return { engine, rig };
}

function never(): never {
  throw new Error('every context has its instance');
}

const words = (count: number): string => 'word '.repeat(count);
const chat = (count: number): object => ({ model: 'demo', messages: [{ role: 'user', content: words(count) }] });

describe('a prompt longer than the context', () => {
  test.each([
    [
      '/v1/chat/completions',
      chat(5_000),
      { error: { code: 'context_length_exceeded', type: 'invalid_request_error' } },
    ],
    ['/v1/completions', { model: 'demo', prompt: words(5_000) }, { error: { code: 'context_length_exceeded' } }],
    ['/v1/responses', { model: 'demo', input: words(5_000) }, { error: { code: 'context_length_exceeded' } }],
    [
      '/v1/embeddings',
      { model: 'demo', input: ['short', words(5_000)] },
      { error: { code: 'context_length_exceeded' } },
    ],
    [
      '/v1/messages',
      { ...chat(5_000), max_tokens: 9 },
      {
        type: 'error',
        error: {
          type: 'invalid_request_error',
          message: expect.stringMatching(/prompt is too long: \d+ tokens > 4095 maximum/),
        },
      },
    ],
    ['/api/chat', chat(5_000), { error: expect.stringContaining('prompt is too long') }],
    [
      '/completion',
      { model: 'demo', prompt: words(5_000) },
      { error: { type: 'exceed_context_size_error', n_prompt_tokens: 5_001, n_ctx: 4_096 } },
    ],
  ])('is refused at %s in the shape of its protocol, before a slot is taken', async (path, body, error) => {
    const { engine, rig } = await house(4_096);

    const answer = await rig.post(body, { path });

    expect(answer.status).toBe(400);
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(await answer.json()).toMatchObject(error);
    expect(engine.stats().requests).toEqual([]);
    expect(await rig.untilEnded(1)).toMatchObject([{ code: 'CONTEXT_LENGTH_EXCEEDED', instance: null, attempts: 0 }]);
  });

  test('is refused while every slot is taken and the queue is long', async () => {
    const { engine, rig } = await house(4_096);
    const busy = rig.post({ ...chat(1), synthetic: { prefillMs: 60_000 } });
    await engine.until(({ inFlight }) => inFlight === 1);

    const answer = await rig.post(chat(5_000));

    expect(answer.status).toBe(400);
    await rig.gateway.close();
    await busy;
  });

  test('of a task of a plan is a fault of its definition', async () => {
    const { rig } = await house(4_096);
    const signal = new AbortController().signal;

    const result = await rig.gateway.generate({
      model: 'demo',
      prompt: words(5_000),
      params: {},
      class: 'batch',
      signal,
    });

    expect(result).toMatchObject({ kind: 'failed', class: 'definition', message: expect.stringContaining('too long') });
  });
});

test('a prompt of many bytes and few tokens is served', async () => {
  const { engine, rig } = await house(4_096);

  const answer = await rig.post(chat(3_000));

  expect(answer.status).toBe(200);
  expect(engine.stats().requests).toHaveLength(1);
});

test('a prompt that only the roomier instance holds goes there', async () => {
  const { rig } = await house(4_096, 8_192);

  const answers = await Promise.all([rig.post(chat(5_000)), rig.post(chat(5_000))]);

  expect(answers.map(({ headers }) => headers.get('x-drover-instance'))).toEqual(['i1', 'i1']);
});

test('a server that cannot count tokens is asked once, and has the word itself', async () => {
  const { engine, rig } = await houseOf({ tokensIn: null }, [4_096]);

  const answers = [await rig.post(chat(5_000)), await rig.post(chat(5_000))];

  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  const paths = engine.stats().requests.map(({ path }) => path);
  expect(paths).toEqual([
    '/v1/chat/completions/input_tokens',
    '/apply-template',
    '/v1/chat/completions',
    '/v1/chat/completions',
  ]);
});

test('a llama-server that cannot count a chat yet is asked for its prompt and for its tokens', async () => {
  const { engine, rig } = await houseOf({ tokensIn: 2 }, [4_096]);

  const answers = [await rig.post(chat(5_000)), await rig.post(chat(5_000)), await rig.post(chat(3_000))];

  expect(answers.map(({ status }) => status)).toEqual([400, 400, 200]);
  const paths = engine.stats().requests.map(({ path }) => path);
  expect(paths.filter((path) => path === '/v1/chat/completions')).toHaveLength(1);
});

test('where no engine is up to be asked, the engine has the word later: the request waits', async () => {
  const { engine, rig } = await house(4_096);
  const sleeping = { name: 'i0', port: engine.port, modelId: 'demo' };
  rig.gateway.onInstance(report(sleeping, { state: 'loading' }));

  const answer = rig.post(chat(5_000));
  await expect.poll(() => rig.gateway.snapshot().queued).toBe(1);
  rig.gateway.onInstance(report(sleeping));

  expect((await answer).status).toBe(200); // of the stand-in for an engine, which refuses nothing
});
