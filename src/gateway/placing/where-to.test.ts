/** Where requests go when a model has several instances: wishes, conversations, instances that fail. Over HTTP. */

import { expect, test } from 'vitest';

import { closedAfterEach } from '../../../test/support/closed-after-each.ts';
import { startGateway } from '../../../test/support/gateway-rig.ts';
import type { GatewayRig } from '../../../test/support/gateway-rig.ts';
import { startSyntheticUpstream } from '../../../test/support/synthetic-upstream.ts';

const opened = closedAfterEach();

async function replicas(states: Readonly<Record<string, 'running' | 'stopped'>>): Promise<GatewayRig> {
  const instances = await Promise.all(
    Object.entries(states).map(async ([name, desired]) => {
      const upstream = opened(await startSyntheticUpstream({ slots: 2 }));
      const state = desired === 'running' ? ('ready' as const) : ('stopped' as const);
      return { name, port: upstream.port, modelId: 'demo', slots: 2, desired, state };
    }),
  );
  const rig = await startGateway(instances);
  return opened(rig);
}

const chat = (content: string, more: object = {}) => ({
  model: 'demo',
  messages: [{ role: 'user', content }],
  ...more,
});
const servedBy = (answer: Response): string | null => answer.headers.get('x-drover-instance');

test('a pin is kept, and one that cannot be kept is told with its reason', async () => {
  const rig = await replicas({ alpha: 'running', beta: 'running', gamma: 'stopped' });
  const pinned = (name: string) => rig.post(chat('hi'), { headers: { 'x-drover-pin': name } });

  expect([servedBy(await pinned('alpha')), servedBy(await pinned('beta'))]).toEqual(['alpha', 'beta']);
  const [stopped, unknown] = await Promise.all([pinned('gamma'), pinned('delta')]);
  expect([stopped.status, unknown.status]).toEqual([422, 422]);
  expect(await stopped.json()).toMatchObject({
    error: { code: 'placement_infeasible', message: expect.stringContaining('stopped') },
  });
  expect(await unknown.json()).toMatchObject({
    error: { code: 'placement_infeasible', message: expect.stringContaining('"delta" is none of its instances') },
  });
});

test('a preference falls back only where that is allowed, and avoidance leaves out', async () => {
  const rig = await replicas({ alpha: 'running', beta: 'running', gamma: 'stopped' });
  const prefer = { 'x-drover-prefer': 'gamma' };

  const strict = await rig.post(chat('hi'), { headers: prefer });
  const loose = await rig.post(chat('hi'), { headers: { ...prefer, 'x-drover-allow-fallback': 'true' } });
  const avoiding = await rig.post(chat('hi'), { headers: { 'x-drover-avoid': 'alpha, gamma' } });

  expect([strict.status, loose.status, servedBy(avoiding)]).toEqual([422, 200, 'beta']);
});

test('a request that waits for its pin keeps nobody behind it from another instance', async () => {
  const rig = await replicas({ alpha: 'running', beta: 'running' });
  const headers = { 'x-drover-pin': 'alpha' };
  const slow = { synthetic: { prefillMs: 400 } };
  const busy = [rig.post(chat('1', slow), { headers }), rig.post(chat('2', slow), { headers })];
  const waiting = rig.post(chat('3'), { headers });

  const free = await rig.post(chat('4'));

  expect(servedBy(free)).toBe('beta');
  expect(rig.ended).toHaveLength(1);
  expect((await Promise.all([...busy, waiting])).map(servedBy)).toEqual(['alpha', 'alpha', 'alpha']);
});

test('all turns of a conversation go to one instance, and why is remembered', async () => {
  const rig = await replicas({ alpha: 'running', beta: 'running', gamma: 'running' });
  const conversations = ['one', 'two', 'three', 'four', 'five', 'six'];
  const turn = (session: string, content: string) => rig.post(chat(content, { prompt_cache_key: session }));

  const first = [];
  for (const session of conversations) first.push(servedBy(await turn(session, 'hi')));
  const second = [];
  for (const session of conversations) second.push(servedBy(await turn(session, 'and now')));

  expect(second).toEqual(first);
  expect(new Set(first).size).toBeGreaterThan(1);
  expect(rig.gateway.snapshot().affinity).toEqual({ home: 12, elsewhere: 0 });
  const log = rig.gateway.whyPlaced(rig.ended.at(-1)?.id ?? '') ?? [];
  expect(log.filter(({ verdict }) => verdict === 'another has its prompt')).toHaveLength(2);
});

test('an instance that fails five times in a row is left alone while another one is sound', async () => {
  const rig = await replicas({ alpha: 'running', beta: 'running' });
  const failing = () => rig.post(chat('hi', { synthetic: { status: 500 } }), { headers: { 'x-drover-pin': 'alpha' } });
  for (let count = 0; count < 5; count++) expect((await failing()).status).toBe(500);

  const headers = { 'x-drover-prefer': 'alpha', 'x-drover-allow-fallback': 'true' };
  const answers = await Promise.all([rig.post(chat('a'), { headers }), rig.post(chat('b'), { headers })]);
  const pinned = await rig.post(chat('c'), { headers: { 'x-drover-pin': 'alpha' } });

  expect(answers.map(servedBy)).toEqual(['beta', 'beta']);
  expect(servedBy(pinned)).toBe('alpha');
});
