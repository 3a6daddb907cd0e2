/** One instance of a real llama-server through its whole life, by the commands a person types. */

import { expect, test } from 'vitest';

import type { FactView, InstanceDetailView, InstanceView } from '../../../src/contract/index.ts';
import { openHouse, until } from '../../support/house.ts';
import type { House } from '../../support/house.ts';
import { builtLlamaServer } from '../../support/llama-server.ts';

const llamaServer = builtLlamaServer();

test.skipIf(llamaServer === null)(
  'a real llama-server goes through up, chat, crash, automatic restart, chat, edit, restart, down, and its log tells',
  async () => {
    await using house = await openHouse();
    await house.drover('models', 'demo');
    await house.drover('init', 'alpha', '--profile', 'cpu', '-m', 'demo');
    house.editConfig('alpha', (config) => ({
      ...config,
      engine: { kind: 'llama-server', path: llamaServer },
      model: { id: 'demo', context_size: 512 },
      restart: { initial_delay: '100ms' },
    }));

    expect(await house.drover('up', 'alpha')).toMatchObject({ code: 0 });
    const first = await row(house);
    expect(await chat(house)).not.toBe('');

    process.kill(first.pid ?? 0, 'SIGKILL');
    const second = await until(
      () => row(house),
      ({ status, pid }) => status === 'ready' && pid !== first.pid,
    );
    expect(second.restarts).toBe(1);
    expect(await chat(house)).not.toBe('');
    expect(await exitsOf(house)).toMatchObject([{ pid: first.pid, signal: 'SIGKILL', asked: false }]);

    house.editConfig('alpha', (config) => ({ ...config, model: { id: 'demo', context_size: 1024 } }));
    expect(await row(house)).toMatchObject({ pid: second.pid, needs_restart: true });
    expect(await house.drover('restart', 'alpha')).toMatchObject({ code: 0 });
    const third = await house.json<InstanceDetailView>('describe', 'alpha');
    expect(third.view).toMatchObject({ status: 'ready', needs_restart: false });
    expect(third.view.pid).not.toBe(second.pid);
    expect(third.report).toMatchObject({ context_size: 1024 });
    expect(third.report?.command.join(' ')).toContain('--ctx-size 1024');

    expect(await house.drover('down', 'alpha')).toMatchObject({ code: 0 });
    expect(await row(house)).toMatchObject({ status: 'stopped', pid: null });
    const log = await house.drover('logs', 'alpha', '--stderr');
    expect(log.stdout.match(/ listening on http/g)).toHaveLength(3);
  },
);

test.skipIf(llamaServer === null)(
  'a context above the model’s own is refused from the model’s own on, before a slot is taken',
  async () => {
    await using house = await openHouse();
    await house.drover('models', 'demo');
    await house.drover('init', 'alpha', '--profile', 'cpu', '-m', 'demo');
    house.editConfig('alpha', (config) => ({
      ...config,
      engine: { kind: 'llama-server', path: llamaServer },
      model: { id: 'demo', context_size: 40_000 },
    }));
    await house.drover('up', 'alpha');

    const refused = await fetch(`${house.url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'alpha', prompt: 'the '.repeat(36_000), max_tokens: 1 }),
    });

    const { report } = await house.json<InstanceDetailView>('describe', 'alpha');
    expect(report).toMatchObject({ context_size: 32_768 });
    expect(refused.status).toBe(400);
    expect(refused.headers.get('x-drover-instance')).toBeNull();
    expect(await refused.json()).toMatchObject({
      error: {
        code: 'context_length_exceeded',
        message: expect.stringMatching(/prompt is too long: \d+ tokens > 32767 maximum/),
      },
    });
  },
);

async function row(house: House): Promise<InstanceView> {
  const [view] = await house.json<InstanceView[]>('ps');
  if (view === undefined) throw new Error('no instance is listed');
  return view;
}

async function chat(house: House): Promise<string> {
  const ran = await house.drover('infer', '--model', 'alpha', '--prompt', 'hello', '--max-tokens', '8');
  expect(ran).toMatchObject({ code: 0 });
  return ran.stdout.trim();
}

async function exitsOf(house: House): Promise<unknown[]> {
  const { stdout } = await house.drover('events', '--json');
  const facts = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as FactView);
  return facts.filter(({ type }) => type === 'instance.exited').map(({ data }) => data);
}
