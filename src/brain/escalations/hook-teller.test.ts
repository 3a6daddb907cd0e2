import { expect, test } from 'vitest';

import { BrainHouse, NO_HOOKS } from '../../../test/support/brain-house.ts';
import { openHookServer } from '../../../test/support/hook-server.ts';
import type { HookServer } from '../../../test/support/hook-server.ts';
import { silentLog, systemClock } from '../../kernel/index.ts';
import { claimDelivery, enterDelivery } from '../../store/index.ts';
import { openEscalation } from './escalate.ts';
import { createHookTeller } from './hook-teller.ts';
import { viewEscalations } from './views.ts';

const NEVER = new AbortController().signal;

/** A question that a brain without hooks has opened, and somebody who tells it to one. */
async function rig(house: BrainHouse, server: HookServer) {
  const { store } = house;
  const about = { kind: 'failing_task', about: '', batchId: null, task: null, question: 'what now?' } as const;
  const id = await store.write((tx) => openEscalation(tx, { ...about, choices: ['leave'], detail: {} }));
  const tell = createHookTeller({
    store,
    hooks: () => ({ ...NO_HOOKS, escalationWebhook: server.url }),
    environment: {},
    clock: systemClock,
    random: () => 1,
    log: silentLog,
    loop: () => {
      throw new Error('a webhook answers nothing');
    },
  });
  const escalation = async () => {
    const [open] = await store.read((db) => viewEscalations(db, { openOnly: true }));
    if (open === undefined) throw new Error('nothing is open');
    return open;
  };
  return { id, tell, escalation };
}

test('what another controller is telling at this moment is left to it', async () => {
  await using server = await openHookServer();
  await using house = await BrainHouse.open({ clock: systemClock });
  const { id, tell, escalation } = await rig(house, server);
  await house.store.write(async (tx) => {
    await enterDelivery(tx, id, 'webhook');
    await claimDelivery(tx, id, 'webhook', tx.now + 60_000);
  });

  const telling = await tell(await escalation(), 'webhook', NEVER);

  expect(telling).toEqual({ kind: 'untold', retryMs: 2_000 });
  expect(server.heard).toEqual([]);
});

test('a hook that refuses is not asked again before its time', async () => {
  await using server = await openHookServer();
  await using house = await BrainHouse.open({ clock: systemClock });
  const { tell, escalation } = await rig(house, server);
  server.refusals = 1;

  const refused = await tell(await escalation(), 'webhook', NEVER);
  const soon = await tell(await escalation(), 'webhook', NEVER);

  expect(refused).toEqual({ kind: 'untold', retryMs: 2_000 });
  expect(soon).toEqual({ kind: 'untold', retryMs: 2_000 });
  expect(server.heard).toHaveLength(1);
});

test('a call that our own end has stopped is written down as nothing', async () => {
  await using server = await openHookServer();
  await using house = await BrainHouse.open({ clock: systemClock });
  const { tell, escalation } = await rig(house, server);

  const telling = await tell(await escalation(), 'webhook', AbortSignal.abort());
  const { deliveries } = await escalation();

  expect(telling).toEqual({ kind: 'stopped' });
  expect(deliveries).toMatchObject([{ hook: 'webhook', delivered_at: null, error: null }]);
});
