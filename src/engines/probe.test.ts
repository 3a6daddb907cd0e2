import { getEventListeners } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import { makeSpec } from '../../test/support/make-spec.ts';
import { createLlamaServerEngine } from './llama-server/engine.ts';
import { connectHost, probe, probeHealth } from './probe.ts';
import type { ProbeTarget } from './probe.ts';

async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<ProbeTarget> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, key: 'secret', timeoutMs: 1_000 };
}

const engine = createLlamaServerEngine({ home: '/nowhere', environment: {} });

test('an answer is told with its status and body, and the key was sent', async () => {
  const target = await serve((request, response) => {
    response.writeHead(503).end(request.headers.authorization);
  });

  expect(await probe('/health', target)).toEqual({ kind: 'response', status: 503, body: 'Bearer secret' });
});

test('a silent server is a timeout, also when it falls silent in its answer', async () => {
  const silent = await serve(() => {});
  const half = await serve((_, response) => response.writeHead(200).write('half'));

  expect(await probe('/health', { ...silent, timeoutMs: 50 })).toEqual({ kind: 'timeout' });
  expect(await probe('/health', { ...half, timeoutMs: 50 })).toEqual({ kind: 'timeout' });
});

test('offline another machine is not asked, and this one is', async () => {
  const here = await serve((_, response) => response.writeHead(200).end('{}'));

  expect(await probe('/health', { ...here, isOffline: true })).toMatchObject({ kind: 'response' });
  expect(await probe('/health', { ...here, url: 'http://engine.example', isOffline: true })).toEqual({
    kind: 'failed',
    message: 'engine.example is not called: the setting offline is on',
  });
});

test('a signal that outlives many probes ends one that runs, and keeps nothing of those that are over', async () => {
  const stop = new AbortController();
  const quick = await serve((_, response) => response.end());
  const silent = await serve(() => {});
  await Promise.all([1, 2, 3].map(() => probe('/health', { ...quick, signal: stop.signal })));
  await expect.poll(() => getEventListeners(stop.signal, 'abort')).toEqual([]);
  const marks = marksAt(stop.signal);

  const running = probe('/health', { ...silent, timeoutMs: 60_000, signal: stop.signal });
  stop.abort();

  expect(marks).toBe(0);
  expect(await running).toMatchObject({ kind: 'failed' });
  expect(await probe('/health', { ...quick, signal: stop.signal })).toMatchObject({ kind: 'failed' });
});

/** What Node keeps at a signal of all that were composed with it, for as long as it lives. */
function marksAt(signal: AbortSignal): number {
  const values = Object.getOwnPropertySymbols(signal).map((name): unknown => Reflect.get(signal, name));
  const sizes = values.map((value) => (typeof value === 'object' && value !== null ? Reflect.get(value, 'size') : 0));
  return sizes.reduce<number>((sum, size) => sum + (typeof size === 'number' ? size : 0), 0);
}

test('nobody at the port is refused', async () => {
  expect(await probe('/health', { url: 'http://127.0.0.1:1', key: null, timeoutMs: 1_000 })).toEqual({
    kind: 'refused',
  });
});

test('a base with a path is asked under it, and a body is posted as JSON', async () => {
  const asked: unknown[] = [];
  const target = await serve((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      asked.push([request.method, request.url, request.headers['content-type'], body]);
      response.end();
    });
  });

  await probe('/v1/models', { ...target, url: `${target.url}/deep/llm` });
  await probe('/v1/completions', target, { prompt: 'hi' });

  expect(asked).toEqual([
    ['GET', '/deep/llm/v1/models', undefined, ''],
    ['POST', '/v1/completions', 'application/json', '{"prompt":"hi"}'],
  ]);
});

test('https speaks TLS: a server without it fails with a reason', async () => {
  const target = await serve((_, response) => response.end());

  const reply = await probe('/health', { ...target, url: target.url.replace('http:', 'https:') });

  expect(reply).toEqual({ kind: 'failed', message: 'EPROTO' });
});

test('a server that hangs up is a failure with its reason', async () => {
  const target = await serve((request) => request.socket.destroy());

  expect(await probe('/health', target)).toEqual({ kind: 'failed', message: 'ECONNRESET' });
});

test('a server without the first health path is asked for the next', async () => {
  const asked: string[] = [];
  const target = await serve((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(request.url === '/v1/models' ? 200 : 404).end();
  });

  expect(await probeHealth(engine, makeSpec(), target)).toEqual({ health: 'healthy', detail: null });
  expect(asked).toEqual(['/health', '/v1/health', '/v1/models']);
});

test('a server that knows no health path is an error', async () => {
  const target = await serve((_, response) => response.writeHead(404).end());

  expect((await probeHealth(engine, makeSpec(), target)).health).toBe('error');
});

test('an engine on all addresses is asked on the loopback one', () => {
  expect([connectHost('0.0.0.0'), connectHost('::'), connectHost('10.0.0.7')]).toEqual([
    '127.0.0.1',
    '::1',
    '10.0.0.7',
  ]);
});
