/** `import { Drover } from 'drover/client'` against a real daemon: in a program on Node, and in a page in Chromium. */

import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { execa } from 'execa';
import { chromium } from 'playwright-core';
import { rolldown } from 'rolldown';
import { expect, test } from 'vitest';

import type { InstanceView } from '../../src/contract/index.ts';
import { openHouse, ROOT, until } from '../support/house.ts';
import type { House } from '../support/house.ts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];
const SUPPORT = join(ROOT, 'test/support/sdk');

test('a program on Node uses it over TCP with a key, and over the socket without', async () => {
  await using house = await openHouse();
  const key = await prepare(house);
  const program = join(SUPPORT, 'program.js');

  const overTcp = await execa('node', [program], { env: { DROVER_HOST: house.url, DROVER_API_KEY: key } });
  expect(JSON.parse(overTcp.stdout)).toMatchObject(GOOD);
  await untilIdle(house);

  await house.drover('down', 'chat');
  const socket = join(house.home, 'run/drover.sock');
  const overSocket = await execa('node', [program], { env: { DROVER_HOST: socket } });
  expect(JSON.parse(overSocket.stdout)).toMatchObject(GOOD);
});

test.skipIf(!existsSync(CHROMIUM))('a page in Chromium uses it from an origin that the settings name', async () => {
  await using house = await openHouse();
  const key = await prepare(house);
  await using page = await servePage(await bundled());
  await using browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  const tab = await browser.newPage();
  await tab.goto(page.url);
  const options = JSON.stringify({ host: house.url, key });
  const run = `exercise(${options}).catch((error) => ({ failed: error.code ?? String(error), why: error.message }))`;

  expect(await tab.evaluate(run)).toMatchObject({ failed: 'DAEMON_UNREACHABLE' });
  await house.drover('config', 'set', 'cors_origins', page.url);

  expect(await tab.evaluate(run)).toMatchObject(GOOD);
  await untilIdle(house);
});

/** A stopped instance `chat`, and a key that may start it. */
async function prepare(house: House): Promise<string> {
  await house.drover('models', 'demo');
  await house.drover('init', 'chat', '--profile', 'cpu', '-m', 'demo');
  const { key } = await house.json<{ key: string }>('key', 'create', '--name', 'sdk', '--scope', 'manage');
  return key;
}

const GOOD = {
  started: 'ready',
  told: 'instance:chat',
  chat: { instance: 'chat', tokens: 8, finish: 'length', queuedMs: expect.any(Number) },
  left: 'text',
  task: { events: ['queued', 'started', 'token', 'end'], status: 'done' },
  cancelled: 'cancelled',
  unknown: { code: 'MODEL_NOT_FOUND', status: 404 },
  models: ['demo'],
  batches: [],
  vectors: 1,
};

/** The answer that was left does not go on. */
function untilIdle(house: House): Promise<readonly InstanceView[]> {
  return until(
    () => house.json<readonly InstanceView[]>('ps'),
    (rows) => rows.every(({ slots }) => slots.busy === 0),
  );
}

/** As a page's bundler makes it: what the package gives browsers, and nothing of Node. */
async function bundled(): Promise<string> {
  const bundle = await rolldown({ cwd: ROOT, input: join(SUPPORT, 'page.js'), platform: 'browser' });
  const { output } = await bundle.generate({ format: 'iife' });
  const [{ code, imports, dynamicImports }] = output;
  expect([...imports, ...dynamicImports]).toEqual([]);
  return code;
}

async function servePage(script: string): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(({ url }, response) => {
    response.setHeader('content-type', url === '/page.js' ? 'text/javascript' : 'text/html');
    response.end(url === '/page.js' ? script : '<!doctype html><script src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
