/** All instances of a model as one, with real engines: conversations, wishes, drain, reload and purge. Through the whole house. */

import { expect, test } from 'vitest';

import type { InstanceView, PoolView, RequestDetailView } from '../../../src/contract/index.ts';
import { openHouse, until } from '../../support/house.ts';
import type { House } from '../../support/house.ts';
import { builtLlamaServer } from '../../support/llama-server.ts';
import { FAKE_ENGINE } from '../../support/supervised-host.ts';

const llamaServer = builtLlamaServer();

/** Two instances of the demo model. */
async function replicas(engine: object): Promise<House> {
  const house = await openHouse();
  await house.drover('models', 'demo');
  for (const name of ['alpha', 'beta']) {
    await house.drover('init', name, '--profile', 'cpu', '-m', 'demo');
    house.editConfig(name, (config) => ({ ...config, engine, model: { id: 'demo', context_size: 2_048 } }));
  }
  expect(await house.drover('up', 'alpha', 'beta')).toMatchObject({ code: 0 });
  return house;
}

interface Message {
  readonly role: string;
  readonly content: string;
}

interface Reply {
  readonly status: number;
  readonly id: string;
  readonly instance: string | null;
  readonly content: string;
  readonly cachedTokens: number;
  readonly code: string | null;
}

interface ChatBody {
  readonly choices?: readonly { readonly message: Message }[];
  readonly usage?: { readonly prompt_tokens_details?: { readonly cached_tokens?: number } };
  readonly error?: { readonly code: string };
}

async function chat(
  house: House,
  messages: readonly Message[],
  { headers = {}, tokens = 8 }: { readonly headers?: Record<string, string>; readonly tokens?: number } = {},
): Promise<Reply> {
  const answer = await fetch(`${house.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'demo', max_tokens: tokens, messages }),
  });
  const body = (await answer.json()) as ChatBody; // an answer or an error in the shape of the protocol
  return {
    status: answer.status,
    id: answer.headers.get('x-request-id') ?? '',
    instance: answer.headers.get('x-drover-instance'),
    content: body.choices?.[0]?.message.content ?? '',
    cachedTokens: body.usage?.prompt_tokens_details?.cached_tokens ?? 0,
    code: body.error?.code ?? null,
  };
}

const user = (content: string): Message => ({ role: 'user', content });
const health = (house: House): Promise<PoolView> => house.json<PoolView>('models', 'health', 'demo');

async function pids(house: House): Promise<readonly (number | null)[]> {
  return (await house.json<InstanceView[]>('ps')).map(({ pid }) => pid);
}

test.skipIf(llamaServer === null)(
  'the turns of a conversation meet the llama-server that has them in its cache, and a request tells why it went there',
  async () => {
    await using house = await replicas({ kind: 'llama-server', path: llamaServer });
    const openings = ['one', 'two', 'three', 'four', 'five', 'six'].map((word) =>
      user(`Tell me about ${word} llamas.`),
    );

    const first = await Promise.all(openings.map((opening) => chat(house, [opening])));
    const second = await Promise.all(
      openings.map((opening, index) =>
        chat(house, [opening, { role: 'assistant', content: first[index]?.content ?? '' }, user('And then?')]),
      ),
    );
    const pinned = await chat(house, [user('hi')], { headers: { 'x-drover-pin': 'beta' } });
    const impossible = await chat(house, [user('hi')], { headers: { 'x-drover-pin': 'gamma' } });

    expect(second.filter(({ cachedTokens }) => cachedTokens > 0).length).toBeGreaterThanOrEqual(4);
    expect(new Set(first.map(({ instance }) => instance))).toEqual(new Set(['alpha', 'beta']));
    expect([pinned.instance, impossible.status, impossible.code]).toEqual(['beta', 422, 'placement_infeasible']);
    const { placement } = await house.json<RequestDetailView>('requests', 'show', second[0]?.id ?? '');
    expect(placement?.map(({ verdict }) => verdict)).toContain('chosen');
  },
);

test('a pool is drained, and reloaded while requests go on; an instance that does not come up is put back', async () => {
  await using house = await replicas({ kind: 'embedded' });
  const before = await pids(house);

  const whole = await health(house);
  expect(await house.drover('models', 'drain', 'demo')).toMatchObject({ code: 0 });
  const drained = await health(house);
  const refused = await chat(house, [user('hi')]);
  const reloading = house.drover('models', 'reload', 'demo');
  await until(
    () => health(house),
    ({ status }) => status !== 'draining',
  );
  const meanwhile = await chat(house, [user('hi')]);
  expect(await reloading).toMatchObject({ code: 0 });
  const after = await pids(house);
  house.editConfig('beta', (config) => ({
    ...config,
    engine: { kind: 'llama-server', path: FAKE_ENGINE },
    env: { FAKE_ENGINE_EXIT_AT_START: '3' },
  }));
  const failed = await house.drover('models', 'reload', 'demo');
  const restored = await health(house);

  expect(whole).toMatchObject({ status: 'ready', waiting: 0, instances: [{ name: 'alpha' }, { name: 'beta' }] });
  expect(drained.status).toBe('draining');
  expect([refused.status, refused.code, meanwhile.status]).toEqual([503, 'instance_draining', 200]);
  expect(after.filter((pid) => before.includes(pid))).toEqual([]);
  expect(failed.code).not.toBe(0);
  expect(failed.stderr).toContain('beta did not come up anew, and runs as before');
  expect(restored).toMatchObject({ status: 'ready', instances: [{ status: 'ready' }, { status: 'ready' }] });
  expect((await chat(house, [user('hi')], { headers: { 'x-drover-pin': 'beta' } })).status).toBe(200);
});

test('a purge ends what runs and takes the instances down; a model that none is configured for comes again', async () => {
  await using house = await openHouse();
  await house.drover('models', 'demo');

  const first = await chat(house, [user('hi')]);
  expect(await house.drover('models', 'purge', 'demo')).toMatchObject({ code: 0 });
  const left = await house.json<InstanceView[]>('ps');
  const again = await chat(house, [user('hi')]);
  await house.drover('models', 'purge', 'demo');
  await house.drover('init', 'slow', '--profile', 'cpu', '-m', 'demo');
  house.editConfig('slow', (config) => ({
    ...config,
    engine: { kind: 'llama-server', path: FAKE_ENGINE },
    env: { FAKE_ENGINE_TOKEN_MS: '1000' },
  }));
  await house.drover('up', 'slow');
  const running = chat(house, [user('a long story')], { tokens: 500 });
  await until(
    () => health(house),
    ({ slots }) => slots.busy === 1,
  );
  expect(await house.drover('models', 'purge', 'demo')).toMatchObject({ code: 0 });

  expect([first.status, again.status, left]).toEqual([200, 200, []]);
  expect(await running).toMatchObject({ status: 503, code: 'instance_unavailable' });
  expect(await health(house)).toMatchObject({ status: 'stopped', slots: { busy: 0, total: 0 } });
  expect(await chat(house, [user('hi')])).toMatchObject({ status: 503, code: 'instance_stopped' });
});
