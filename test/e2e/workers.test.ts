/** Workers: spawned, asked through the front door and past it, supervised without a config, and gone when stopped. */

import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { InstanceView, ModelView } from '../../src/contract/index.ts';
import { openHouse, until } from '../support/house.ts';
import type { House } from '../support/house.ts';

const HELLO = ['--prompt', 'hello', '--max-tokens', '8'];

test('a worker serves its model, survives both daemons and its own crash, and is gone when it is stopped', async () => {
  await using house = await openHouse();
  await house.drover('models', 'demo');

  const worker = await house.json<InstanceView>('worker', 'spawn', 'cpu', '--model', 'demo', '--parallel', '2');
  expect(worker).toMatchObject({ name: 'demo', status: 'ready', slots: { total: 2 }, ephemeral: true });
  expect(existsSync(join(house.home, 'instances/demo'))).toBe(false);

  expect(await house.drover('infer', '--model', 'demo', ...HELLO)).toMatchObject({ code: 0 });
  expect(await house.drover('infer', '--worker', `127.0.0.1:${worker.port}`, ...HELLO)).toMatchObject({ code: 0 });
  expect((await house.drover('worker', 'logs', 'demo', '--both')).stdout).toContain('model loaded');

  await house.kill('controller', 'agent');
  expect(await readyWorker(house, () => true)).toMatchObject({ pid: worker.pid });

  process.kill(worker.pid ?? 0, 'SIGKILL');
  await readyWorker(house, ({ pid }) => pid !== worker.pid);
  expect(await house.drover('infer', '--model', 'demo', ...HELLO)).toMatchObject({ code: 0 });

  expect(await house.drover('worker', 'stop', 'demo')).toMatchObject({ code: 0, stdout: 'demo is stopped\n' });
  expect(await house.json('worker', 'list')).toEqual([]);
});

test('what cannot be spawned leaves nothing, and stop-all leaves what has a config', async () => {
  await using house = await openHouse();
  await house.drover('models', 'demo');
  await house.drover('init', 'chat', '--profile', 'cpu', '-m', 'demo');
  const { port } = await house.json<InstanceView>('worker', 'spawn', 'cpu', '--model', 'demo');

  expect(await house.drover('worker', 'spawn', 'cpu', '--model', 'nobody')).toMatchObject({ code: 3 });
  expect(await house.drover('worker', 'spawn', 'cuda', '--model', 'demo', '--device', '0')).toMatchObject({ code: 3 });
  expect(await house.drover('worker', 'spawn', 'cpu', '--model', 'demo', '--port', String(port))).toMatchObject({
    code: 5,
  });
  expect(await house.json<InstanceView[]>('worker', 'list')).toHaveLength(1);

  expect(await house.drover('worker', 'spawn', 'cpu', '--model', 'demo')).toMatchObject({ code: 0 });
  expect(await house.json('worker', 'stop-all')).toEqual({ stopped: expect.arrayContaining(['demo', 'demo-2']) });
  expect((await house.json<InstanceView[]>('ps')).map(({ name }) => name)).toEqual(['chat']);
});

test('a worker that makes room for another model is there again when it is asked', async () => {
  await using house = await openHouse({ DROVER_SIMULATE_RIG: '1x1024' });
  await house.drover('config', 'set', 'swap_window', '1s');
  await house.drover('models', 'demo');
  const [demo] = await house.json<ModelView[]>('models', 'ls');
  copyFileSync(demo?.path ?? '', join(house.home, 'other.gguf'));
  await house.drover('models', 'register', 'other', join(house.home, 'other.gguf'));

  const worker = await house.json<InstanceView>('worker', 'spawn', 'cuda', '--model', 'demo', '--device', '0');
  expect(worker).toMatchObject({ status: 'ready', device: 'sim0' });
  expect(await house.drover('infer', '--model', 'other', ...HELLO)).toMatchObject({ code: 0 });
  expect(await house.json<InstanceView[]>('worker', 'list')).toMatchObject([
    { name: 'demo', status: 'asleep' },
    { name: 'other', status: 'ready' },
  ]);

  expect(await house.drover('infer', '--model', 'demo', ...HELLO)).toMatchObject({ code: 0 });
  expect(await house.json<InstanceView[]>('worker', 'list')).toMatchObject([{ name: 'demo', status: 'ready' }]);
});

async function readyWorker(house: House, isIt: (worker: InstanceView) => boolean): Promise<InstanceView | undefined> {
  const workers = await until(
    () => house.json<readonly InstanceView[]>('worker', 'list'),
    ([worker]) => worker?.status === 'ready' && isIt(worker),
  );
  return workers[0];
}
