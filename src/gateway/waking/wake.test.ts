/** Requests for what sleeps: they wait, get up what they wait for, and are served or told why not. */

import { expect, test } from 'vitest';

import { closedAfterEach } from '../../../test/support/closed-after-each.ts';
import { report, startGateway } from '../../../test/support/gateway-rig.ts';
import type { GatewayRig } from '../../../test/support/gateway-rig.ts';
import { startSyntheticUpstream } from '../../../test/support/synthetic-upstream.ts';
import { AppError } from '../../contract/index.ts';
import type { WakeCall } from '../index.ts';

const opened = closedAfterEach();

const ask = (model: string) => ({ model, messages: [{ role: 'user', content: 'hi' }] });

interface Bedroom {
  readonly rig: GatewayRig;
  readonly calls: readonly WakeCall[];
  readonly port: number;
  /** Resolves when somebody asked. */
  readonly asked: Promise<void>;
  answer(error?: AppError): void;
}

/** One instance `alpha` of the model `demo`, asleep. */
async function bedroom(): Promise<Bedroom> {
  const upstream = opened(await startSyntheticUpstream());
  const calls: WakeCall[] = [];
  const doors: { resolve: () => void; reject: (error: AppError) => void }[] = [];
  let told = (): void => {};
  const asked = new Promise<void>((resolve) => (told = resolve));
  const rig = await startGateway([{ name: 'alpha', port: upstream.port, modelId: 'demo', state: 'asleep' }], {
    wake: (call, waiters) => {
      calls.push(call);
      waiters.tell({ kind: 'loading' });
      told();
      return new Promise((resolve, reject) => doors.push({ resolve, reject }));
    },
  });
  opened(rig);
  const answer = (error?: AppError): void => {
    for (const { resolve, reject } of doors.splice(0))
      if (error === undefined) resolve();
      else reject(error);
  };
  return { rig, calls, port: upstream.port, asked, answer };
}

test('requests for a sleeper wait, one call gets it up, and all of them are served', async () => {
  const { rig, calls, port, asked, answer } = await bedroom();
  const answers = Promise.all([rig.post(ask('alpha')), rig.post(ask('demo')), rig.post(ask('alpha'))]);
  await asked;

  rig.gateway.onInstance(report({ name: 'alpha', port, modelId: 'demo' }));
  answer();

  expect((await answers).map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(calls).toEqual([{ kind: 'instance', name: 'alpha' }]);
});

test('a request that waits for a sleeper is told how far that has come, until it is up', async () => {
  const { rig, port, asked, answer } = await bedroom();
  const waiting = rig.post(ask('alpha'));
  await asked;
  const id = rig.gateway.requests()[0]?.id ?? '';

  expect(rig.gateway.waking(id)).toEqual({ kind: 'loading' });
  rig.gateway.onInstance(report({ name: 'alpha', port, modelId: 'demo' }));
  answer();
  await waiting;

  expect(rig.gateway.waking(id)).toBeNull();
});

test('a sleeper that cannot get up ends what waits for it, with its reason', async () => {
  const { rig, asked, answer } = await bedroom();
  const waiting = rig.post(ask('alpha'));
  await asked;

  answer(new AppError('MEMORY_INSUFFICIENT', 'alpha does not fit: 3 GB needed, 1 GB free'));

  const refused = await waiting;
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({
    error: { code: 'memory_insufficient', message: expect.stringContaining('3 GB needed, 1 GB free') },
  });
});

test('a model that no instance serves is asked for by its id, and served by what comes', async () => {
  const { rig, calls, port, asked, answer } = await bedroom();
  rig.directory.setInstances([]);
  const waiting = rig.post(ask('demo'));
  await asked;

  rig.directory.setInstances([
    { name: 'demo-2', desired: 'running', modelId: 'demo', aliases: [], drained: false, ephemeral: false },
  ]);
  rig.gateway.onInstance(report({ name: 'demo-2', port, modelId: 'demo' }));
  rig.gateway.onDirectoryChanged();
  answer();

  const served = await waiting;
  expect([served.status, served.headers.get('x-drover-instance')]).toEqual([200, 'demo-2']);
  expect(calls).toEqual([{ kind: 'model', name: 'demo' }]);
});

test('a failed call says nothing to those who have another way by then', async () => {
  const { rig, calls, port, asked, answer } = await bedroom();
  const waiting = rig.post(ask('demo'));
  await asked;

  rig.directory.setInstances([
    { name: 'beta', desired: 'running', modelId: 'demo', aliases: [], drained: false, ephemeral: false },
  ]);
  answer(new AppError('INSTANCE_NOT_FOUND', 'alpha is gone'));
  rig.gateway.onInstance(report({ name: 'beta', port, modelId: 'demo' }));

  expect((await waiting).status).toBe(200);
  expect(calls).toHaveLength(1);
});

test('a model that sleeps has the slots that it will have, and says that it sleeps', async () => {
  const { rig } = await bedroom();

  expect(rig.gateway.capacity('demo')).toMatchObject({ slots: 1, reason: null, isAsleep: true });
});

test('what could not be loaded is not tried again at once: further requests are told why, and when', async () => {
  const { rig, calls, asked, answer } = await bedroom();
  const waiting = rig.post(ask('alpha'));
  await asked;
  answer(new AppError('ENGINE_START_FAILED', 'alpha exited with code 1'));
  expect((await waiting).status).toBe(502);

  const refused = await rig.post(ask('alpha'));

  expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([503, true]);
  expect(await refused.json()).toMatchObject({
    error: { code: 'instance_unavailable', message: expect.stringContaining('alpha exited with code 1') },
  });
  expect(calls).toHaveLength(1);
});

test('what could not be loaded is tried at once when the catalogue says something else of it, or it is up', async () => {
  const broken = new AppError('ENGINE_START_FAILED', 'alpha exited with code 1');
  const alpha = { name: 'alpha', port: 1, modelId: 'demo' };
  const rig = opened(await startGateway([{ ...alpha, state: 'asleep' }], { wake: async () => Promise.reject(broken) }));
  const failure = async (): Promise<unknown> => {
    const { error } = (await (await rig.post(ask('alpha'))).json()) as { readonly error: { readonly code: string } }; // OpenAI's shape
    return error.code;
  };

  const atFirst = [await failure(), await failure()];
  rig.gateway.onModelChanged('demo');
  const mended = [await failure(), await failure()];
  rig.gateway.onInstance(report(alpha));
  rig.gateway.onInstance(report({ ...alpha, state: 'asleep' }));
  const wasUp = await failure();

  expect(atFirst).toEqual(['engine_start_failed', 'instance_unavailable']);
  expect(mended).toEqual(atFirst);
  expect(wasUp).toBe('engine_start_failed');
});
