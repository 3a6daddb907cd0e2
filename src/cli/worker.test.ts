import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { failing, json, plainText, startStandIn } from '../../test/support/cli/controller-stand-in.ts';
import { createTestHome } from '../../test/support/cli/run-command.ts';
import type { TestHome } from '../../test/support/cli/run-command.ts';

const WORKER = {
  name: 'demo',
  status: 'ready',
  backend: 'cpu',
  device: 'cpu',
  port: 8001,
  pid: 7,
  model: 'demo',
  slots: { busy: 0, total: 4 },
  uptime_ms: 1_000,
  ephemeral: true,
};
const CONFIGURED = { ...WORKER, name: 'chat', ephemeral: false };
const instances = {
  'GET /v2/instances': json([CONFIGURED, WORKER]),
  'GET /v2/instances/demo': json({ view: WORKER }),
  'GET /v2/instances/chat': json({ view: CONFIGURED }),
};

let home: TestHome;
beforeEach(() => void (home = createTestHome()));
afterEach(() => home[Symbol.dispose]());

describe('a worker', () => {
  test('is spawned as it was asked for', async () => {
    await using controller = await startStandIn(home.path, { 'POST /v2/workers': json(WORKER, 201) });
    const more = ['--device', '1', '--port', '8001', '--parallel', '4'];

    const run = await home.run(['worker', 'spawn', 'cuda', '--model', 'demo', ...more]);

    expect(run).toMatchObject({ code: 0, stdout: 'demo is ready on port 8001 (cpu)\n' });
    expect(controller.asked[0]?.body).toEqual({
      model: 'demo',
      backend: 'cuda',
      device: '1',
      port: 8_001,
      parallel: 4,
    });
  });

  test('is told as JSON', async () => {
    await using _controller = await startStandIn(home.path, { 'POST /v2/workers': json(WORKER, 201) });

    const run = await home.run(['worker', 'spawn', 'cpu', '-m', 'demo', '--json']);

    expect(JSON.parse(run.stdout)).toEqual(WORKER);
  });

  test.each([
    ['MODEL_NOT_FOUND', 3],
    ['DEVICE_NOT_FOUND', 3],
    ['PORT_TAKEN', 5],
    ['ENGINE_START_FAILED', 8],
  ] as const)('that fails with %s is exit %i', async (code, exit) => {
    await using _controller = await startStandIn(home.path, { 'POST /v2/workers': failing(code, 'no') });

    expect(await home.run(['worker', 'spawn', 'cpu', '--model', 'x'])).toMatchObject({ code: exit });
  });

  test.each([
    [['spawn', 'tpu', '--model', 'x']],
    [['spawn', 'cpu']],
    [['spawn', 'cpu', '--model', 'x', '--port', '0']],
    [['stop']],
  ])('%j is wrong use', async (words) => {
    expect(await home.run(['worker', ...words])).toMatchObject({ code: 2 });
  });
});

describe('of what there is', () => {
  test('only workers are listed', async () => {
    await using _controller = await startStandIn(home.path, instances);

    expect((await home.run(['worker', 'list'])).stdout).toMatch(
      /^ID .*\ndemo +ready +cpu +cpu +8001 +7 +demo +0\/4 +\S+\n$/,
    );
    expect(JSON.parse((await home.run(['worker', 'list', '--json'])).stdout)).toEqual([WORKER]);
  });

  test('only workers are stopped', async () => {
    await using controller = await startStandIn(home.path, {
      ...instances,
      'POST /v2/instances/demo/stop': json({ ...WORKER, status: 'stopped' }),
    });

    expect(await home.run(['worker', 'stop', 'demo', '--force'])).toMatchObject({
      code: 0,
      stdout: 'demo is stopped\n',
    });
    expect(controller.asked.at(-1)?.body).toEqual({ force: true });
    expect(await home.run(['worker', 'stop-all', '--json'])).toMatchObject({ code: 0 });
    const refused = await home.run(['worker', 'stop', 'chat']);
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining('drover down chat') as string });
  });

  test('only of workers logs are printed', async () => {
    await using _controller = await startStandIn(home.path, {
      ...instances,
      'GET /v2/instances/demo/logs': plainText('a\n'),
    });

    expect(await home.run(['worker', 'logs', 'demo', '--both'])).toMatchObject({ code: 0, stdout: 'a\n' });
    expect(await home.run(['worker', 'logs', 'chat'])).toMatchObject({ code: 3 });
  });
});
