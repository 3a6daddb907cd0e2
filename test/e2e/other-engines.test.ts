/** Engines that are not ours: another server program run by its command, and a server that runs elsewhere. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';

import { expect, test } from 'vitest';

import type { InstanceView } from '../../src/contract/index.ts';
import { isAlive, openHouse, until } from '../support/house.ts';
import type { House } from '../support/house.ts';

/** The command of the npm package `mock-openai-api`: it listens where it is told, and answers for models of its own. */
const OTHER_SERVER = join(dirname(createRequire(import.meta.url).resolve('mock-openai-api')), 'cli.js');

function writeConfig(house: House, name: string, config: object): void {
  const folder = join(house.home, 'instances', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ name, ...config }));
}

async function chat(house: House, model: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${house.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, max_tokens: 4, messages: [{ role: 'user', content: 'hello' }] }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

async function viewOf(house: House, name: string): Promise<InstanceView | undefined> {
  return (await house.json<InstanceView[]>('ps')).find((instance) => instance.name === name);
}

test('another server program is run by its command, asked by its own model name, and ended by its stop command', async () => {
  await using house = await openHouse();
  const ended = join(house.home, 'ended');
  writeConfig(house, 'other', {
    engine: {
      kind: 'command',
      path: process.execPath,
      args: [OTHER_SERVER, '--host', '{host}', '--port', '{port}'],
      stop_command: ['/bin/sh', '-c', `echo {port} > ${ended}`],
    },
    model: { path: 'mock-gpt-markdown', alias: ['mock'] },
    stop: { grace: '1s' },
    gpu: { backend: 'cpu' },
  });

  const up = await house.drover('up', 'other');
  const view = await viewOf(house, 'other');
  const byName = await chat(house, 'other');
  const byAlias = await chat(house, 'mock');
  const down = await house.drover('down', 'other');

  expect([up, down]).toMatchObject([{ code: 0 }, { code: 0 }]);
  expect(view).toMatchObject({ status: 'ready', engine: 'command', backend: 'cpu' });
  expect([byName.status, byAlias.status]).toEqual([200, 200]);
  expect(byName.body).toMatchObject({ object: 'chat.completion', model: 'mock-gpt-markdown' });
  expect(isAlive(view?.pid ?? 0)).toBe(false);
  expect(readFileSync(ended, 'utf8').trim()).toBe(String(view?.port));
});

test('another server program that dies is started again', async () => {
  await using house = await openHouse();
  writeConfig(house, 'other', {
    engine: { kind: 'command', path: process.execPath, args: [OTHER_SERVER, '-H', '{host}', '-p', '{port}'] },
    model: { path: 'gpt-4-mock' },
    gpu: { backend: 'cpu' },
    restart: { initial_delay: '50ms' },
  });
  await house.drover('up', 'other');
  const first = await viewOf(house, 'other');

  process.kill(first?.pid ?? 0, 'SIGKILL');
  const again = await until(
    () => viewOf(house, 'other'),
    (view) => view?.status === 'ready' && view.pid !== first?.pid,
  );

  expect(again).toMatchObject({ health: 'healthy' });
  expect(again?.restarts).toBeGreaterThan(0);
});

/** Hands everything under a path on to a server, as a proxy in front of a far one does; nothing without the key. */
async function proxy(target: string, prefix: string, key: string) {
  const server = createServer((asked, answer) => {
    const path = asked.url ?? '';
    if (!path.startsWith(prefix) || asked.headers.authorization !== `Bearer ${key}`) {
      answer.writeHead(asked.headers.authorization === `Bearer ${key}` ? 404 : 401).end();
      return;
    }
    const { authorization: _key, host: _host, ...headers } = asked.headers;
    const onward = request(target + path.slice(prefix.length), { method: asked.method, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    onward.on('error', () => answer.writeHead(502).end());
    asked.pipe(onward);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`,
    [Symbol.dispose]: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

test('a remote engine behind a key and a path is checked and asked, never started, and missed when it is gone', async () => {
  await using far = await openHouse();
  await far.drover('models', 'demo');
  await far.drover('init', 'engine', '--profile', 'cpu', '-m', 'demo');
  await far.drover('up', 'engine');
  using front = await proxy(far.url, '/deep/llm', 'far-secret');
  await using house = await openHouse({ FAR_KEY: 'far-secret' });
  writeConfig(house, 'away', {
    engine: { kind: 'remote', url: `${front.url}/v1/`, key_env: 'FAR_KEY' },
    model: { id: 'engine', alias: ['far-demo'] },
    healthcheck: { interval: '1s', retries: 1, start_period: 0, path: '/v1/models' },
  });

  const up = await house.drover('up', 'away');
  const view = await viewOf(house, 'away');
  const answer = await chat(house, 'far-demo');

  expect(up).toMatchObject({ code: 0 });
  expect(view).toMatchObject({ status: 'ready', engine: 'remote', pid: null });
  expect(answer).toMatchObject({ status: 200, body: { choices: [{ message: { role: 'assistant' } }] } });

  front[Symbol.dispose]();
  const missed = await until(
    () => viewOf(house, 'away'),
    (now) => now?.status !== 'ready',
  );
  expect(missed?.health).not.toBe('healthy');
});

test('a remote engine whose key variable is not set says which one, and how to set it', async () => {
  await using house = await openHouse();
  writeConfig(house, 'away', {
    engine: { kind: 'remote', url: 'http://127.0.0.1:9', key_env: 'FAR_KEY' },
    model: { id: 'big' },
  });

  const up = await house.drover('up', 'away');

  expect(up.code).toBe(4);
  expect(up.stderr).toContain('FAR_KEY');
  expect(up.stderr).toContain('hint:');
});
