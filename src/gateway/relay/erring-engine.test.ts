/** Engines that answer with a crash of their own: another one is asked once, and else their words are the answer. */

import { expect, test } from 'vitest';

import { closedAfterEach } from '../../../test/support/closed-after-each.ts';
import { startGateway } from '../../../test/support/gateway-rig.ts';
import type { GatewayRig } from '../../../test/support/gateway-rig.ts';
import { startSyntheticUpstream } from '../../../test/support/synthetic-upstream.ts';
import type { SyntheticMode, SyntheticUpstream } from '../../../test/support/synthetic-upstream.ts';
import type { GatewayLimits } from '../index.ts';

const opened = closedAfterEach();

interface House {
  readonly alpha: SyntheticUpstream;
  readonly beta: SyntheticUpstream;
  readonly rig: GatewayRig;
}

/** Two replicas of `demo`; the first is asked first. */
async function house(
  alphaMode: SyntheticMode,
  betaMode: SyntheticMode = {},
  limits: Partial<GatewayLimits> = {},
): Promise<House> {
  const alpha = opened(await startSyntheticUpstream({ usual: alphaMode }));
  const beta = opened(await startSyntheticUpstream({ usual: betaMode }));
  const replicas = Object.entries({ alpha, beta }).map(([name, { port }]) => ({ name, port, modelId: 'demo' }));
  return { alpha, beta, rig: opened(await startGateway(replicas, { limits: { affinity: false, ...limits } })) };
}

const SICK = { status: 500, message: 'CUDA error' };
const chat = (more: object = {}) => ({ model: 'demo', messages: [{ role: 'user', content: 'hello' }], ...more });
const seen = ({ status, headers }: Response): readonly unknown[] => [
  status,
  headers.get('x-drover-instance'),
  headers.get('x-drover-attempts'),
];

test('the request moves to the sound one, whole or streamed, and nothing of the crash is told', async () => {
  const { rig } = await house(SICK);

  const answers = [await rig.post(chat()), await rig.post(chat({ stream: true }))];

  expect(answers.map(seen)).toEqual([
    [200, 'beta', '2'],
    [200, 'beta', '2'],
  ]);
  for (const answer of answers) expect(await answer.text()).not.toContain('CUDA error');
  expect(rig.gateway.snapshot().counters).toMatchObject({ done: 2, failed: 0, moved: 2 });
});

test('the sound one may be busy: its slot is waited for', async () => {
  const { beta, rig } = await house(SICK, { prefillMs: 300 });
  const before = rig.post(chat({ model: 'beta' }));
  await beta.until(({ inFlight }) => inFlight === 1);

  expect(seen(await rig.post(chat()))).toEqual([200, 'beta', '2']);
  expect((await before).status).toBe(200);
});

test('where both are sick the second one is the last that is asked', async () => {
  const { alpha, beta, rig } = await house(SICK, { status: 502, message: 'no GPU' });

  const answer = await rig.post(chat());

  expect(seen(answer)).toEqual([502, 'beta', '2']);
  expect(await answer.json()).toMatchObject({ error: { message: 'no GPU' } });
  expect([alpha.stats().requests.length, beta.stats().requests.length]).toEqual([1, 1]);
});

test('a caller who allows no other gets the words of the one', async () => {
  const { beta, rig } = await house(SICK);

  const answers = [
    await rig.post(chat(), { headers: { 'x-drover-pin': 'alpha' } }),
    await rig.post(chat({ model: 'alpha' })),
  ];

  expect(answers.map(seen)).toEqual([
    [500, 'alpha', '1'],
    [500, 'alpha', '1'],
  ]);
  expect(beta.stats().requests).toEqual([]);
});

test('each crash counts against its engine, and five send everybody to the other at once', async () => {
  const { alpha, rig } = await house(SICK);

  const answers: Response[] = [];
  while (answers.length < 6) answers.push(await rig.post(chat()));

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
  expect(rig.gateway.breakerOf('alpha')).toBe('open');
  expect(alpha.stats().requests).toHaveLength(5);
});

test.each([
  ['an error in its stream before any content', { errsAt: 0, message: 'CUDA error' }, { stream: true }],
  ['the page of a proxy', { page: '<html>CUDA error</html>' }, {}],
  ['the page of a proxy where a stream was asked for', { page: '<html>CUDA error</html>' }, { stream: true }],
  ['nothing', { page: '' }, {}],
])('%s is a crash too', async (_, mode, more) => {
  const { rig } = await house(mode);

  const answer = await rig.post(chat(more));

  expect(seen(answer)).toEqual([200, 'beta', '2']);
  expect(await answer.text()).not.toContain('CUDA error');
});

test('where no other can be asked, what came in place of an answer is an error, and says what it was', async () => {
  const { rig } = await house({ page: '<html>busy</html>' });

  const answer = await rig.post(chat({ model: 'alpha' }));

  expect(answer.status).toBe(502);
  expect(await answer.json()).toMatchObject({
    error: {
      code: 'engine_failed',
      message: expect.stringContaining('it answered text/html that is no JSON: <html>busy</html>'),
    },
  });
});

test('what is no crash is not asked twice', async () => {
  for (const status of [400, 422, 501]) {
    const { beta, rig } = await house({ status, message: 'no' });

    expect(seen(await rig.post(chat()))).toEqual([status, 'alpha', '1']);
    expect(beta.stats().requests).toEqual([]);
  }
});

test('a stream that is kept alive already gets the answer of the sound one, or one error in its shape', async () => {
  const late = { ...SICK, prefillMs: 100 };
  const limits = { holdMs: 20, keepAliveMs: 1_000 };
  const [helped, lost] = [await house(late, {}, limits), await house(late, late, limits)];

  const [good, bad] = [
    await (await helped.rig.post(chat({ stream: true }))).text(),
    await (await lost.rig.post(chat({ stream: true }))).text(),
  ];

  expect(good).toMatch(/^: .*data: \[DONE\]\n\n$/s);
  expect(good).not.toContain('CUDA error');
  expect(bad.match(/CUDA error/g)).toHaveLength(1);
  expect(bad).toContain('engine_failed');
});
