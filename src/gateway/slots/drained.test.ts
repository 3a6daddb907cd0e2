/** A drained instance finishes what runs and gets nothing new; whoever drains it learns when it is idle. */

import { expect, test } from 'vitest';

import { closedAfterEach } from '../../../test/support/closed-after-each.ts';
import { startGateway } from '../../../test/support/gateway-rig.ts';
import type { GatewayRig } from '../../../test/support/gateway-rig.ts';
import { startSyntheticUpstream } from '../../../test/support/synthetic-upstream.ts';
import type { SyntheticUpstream } from '../../../test/support/synthetic-upstream.ts';

const opened = closedAfterEach();

const ask = (model: string, tokens = 1) => ({
  model,
  messages: [{ role: 'user', content: 'hi' }],
  synthetic: { tokens, gapMs: 20 },
});

const declared = (name: string, drained: boolean) =>
  ({ name, desired: 'running', modelId: 'demo', aliases: [], ephemeral: false, drained }) as const;

async function twoInstances(): Promise<{ readonly rig: GatewayRig; readonly engine: SyntheticUpstream }> {
  const engine = opened(await startSyntheticUpstream());
  const rig = opened(
    await startGateway([
      { name: 'alpha', port: engine.port, modelId: 'demo' },
      { name: 'beta', port: engine.port, modelId: 'demo' },
    ]),
  );
  return { rig, engine };
}

function drainAlpha({ directory, gateway }: GatewayRig): void {
  directory.setInstances([declared('alpha', true), declared('beta', false)]);
  gateway.onDirectoryChanged();
}

test('requests that name it are refused with the command, requests by model go elsewhere', async () => {
  const { rig } = await twoInstances();
  drainAlpha(rig);

  const pinned = await rig.post(ask('alpha'));
  const byModel = await rig.post(ask('demo'));

  expect(pinned.status).toBe(503);
  expect(await pinned.json()).toMatchObject({
    error: { code: 'instance_draining', hint: expect.stringContaining('drover up alpha') },
  });
  expect([byModel.status, byModel.headers.get('x-drover-instance')]).toEqual([200, 'beta']);
});

test('what runs is finished before it counts as idle', async () => {
  const { rig, engine } = await twoInstances();
  const running = rig.post(ask('alpha', 10));
  await engine.until(({ inFlight }) => inFlight === 1);
  drainAlpha(rig);

  await expect(rig.gateway.untilIdle('alpha', 10)).rejects.toMatchObject({ code: 'TIMEOUT' });
  await rig.gateway.untilIdle('alpha', 10_000);

  expect(engine.stats().inFlight).toBe(0);
  expect((await running).status).toBe(200);
});

test('one without requests is idle at once', async () => {
  const { rig } = await twoInstances();

  await expect(rig.gateway.untilIdle('alpha', 10_000)).resolves.toBeUndefined();
});
