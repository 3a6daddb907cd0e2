/** Engines that are not ours, under the supervisor: any program by its words (`command`), any server by its address. */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { freePort } from '../support/free-port.ts';
import { FAKE_ENGINE, createSupervisedHost, enginePids, fakeSpec } from '../support/supervised-host.ts';
import type { Life, SupervisedHost } from '../support/supervised-host.ts';

let host: SupervisedHost;
let life: Life;
const strangers: ChildProcess[] = [];

beforeEach(async () => {
  host = await createSupervisedHost();
  life = await host.live();
});

afterEach(async () => {
  for (const stranger of strangers.splice(0)) stranger.kill('SIGKILL');
  await host.close();
});

/** A server that somebody else runs. */
async function startStranger(port: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, [FAKE_ENGINE, '--port', String(port), '--alias', 'far-model'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  strangers.push(child);
  await once(child.stderr, 'data');
  return child;
}

function remoteSpec(port: number) {
  return fakeSpec(
    {},
    {
      engine: { kind: 'remote', url: `http://127.0.0.1:${port}/v1` },
      model: { id: 'far-model', memoryBytes: 0 },
      server: { key: null },
      health: { startPeriodMs: 300 },
    },
  );
}

test('a remote engine is ready when it answers, is never started, and lives on after a stop', async () => {
  const port = await freePort();
  const stranger = await startStranger(port);
  life.supervisor.apply([{ spec: remoteSpec(port), desired: 'running' }]);

  const ready = await life.supervisor.ensureReady('qwen');
  const stopped = await life.supervisor.ensureStopped('qwen');

  expect(ready).toMatchObject({
    state: 'ready',
    pid: null,
    port: null,
    url: `http://127.0.0.1:${port}`,
    upstreamModel: 'far-model',
    engine: 'remote',
    ended: [],
  });
  expect(stopped).toMatchObject({ state: 'stopped', url: null, ended: [] });
  expect(enginePids(host.home, 'qwen')).toEqual([]);
  expect(stranger.exitCode).toBeNull();
});

test('a remote engine that cannot be reached is unhealthy, and ready again when it answers', async () => {
  const port = await freePort();
  const stranger = await startStranger(port);
  life.supervisor.apply([{ spec: remoteSpec(port), desired: 'running' }]);
  await life.supervisor.ensureReady('qwen');

  stranger.kill('SIGKILL');
  const lost = await life.until('qwen', (report) => report.state === 'backoff');
  await startStranger(port);
  const again = await life.until('qwen', (report) => report.state === 'ready' && report.restarts > 0);

  expect(life.statesOf('qwen').slice(2, 5)).toEqual(['ready', 'unhealthy', 'backoff']);
  expect(lost).toMatchObject({ failure: { code: 'ENGINE_FAILED' }, ended: [] });
  expect(again.health).toBe('healthy');
});

test('a remote engine is taken over by the next life of the agent', async () => {
  const port = await freePort();
  await startStranger(port);
  const spec = remoteSpec(port);
  life.supervisor.apply([{ spec, desired: 'running' }]);
  await life.supervisor.ensureReady('qwen');
  await life.end();

  const next = await host.live();
  const found = next.supervisor.reports();
  const healthy = await next.until('qwen', (report) => report.health === 'healthy');

  expect(found).toMatchObject([{ state: 'ready', pid: null, url: `http://127.0.0.1:${port}`, restarts: 0 }]);
  expect(healthy).toMatchObject({ state: 'ready', upstreamModel: 'far-model' });
});

function commandSpec(args: readonly string[], stopCommand?: readonly string[]) {
  const engine = { kind: 'command' as const, path: process.execPath, args: [FAKE_ENGINE, ...args] };
  return fakeSpec({}, { engine: stopCommand === undefined ? engine : { ...engine, stopCommand: [...stopCommand] } });
}

const PLACES = ['--host', '{host}', '--port', '{port}'];

test('a program of its own words is started on our port and asked which model it serves', async () => {
  life.supervisor.apply([{ spec: commandSpec([...PLACES, '--alias', 'its-model']), desired: 'running' }]);

  const ready = await life.supervisor.ensureReady('qwen');

  expect(ready).toMatchObject({ state: 'ready', upstreamModel: 'its-model', url: `http://127.0.0.1:${ready.port}` });
  expect(enginePids(host.home, 'qwen')).toEqual([ready.pid]);
});

test('a program that serves our name needs no other', async () => {
  life.supervisor.apply([{ spec: commandSpec([...PLACES, '--alias', '{name}']), desired: 'running' }]);

  expect(await life.supervisor.ensureReady('qwen')).toMatchObject({ upstreamModel: null });
});

test('its stop command is run before any signal', async () => {
  const note = join(host.home, 'stopped-by-command');
  const stop = ['/bin/sh', '-c', `echo "$0" > ${note}; kill -INT $(cat ${note}.pid)`, '{port}'];
  const args = ['-c', `echo $$ > ${note}.pid; exec "${process.execPath}" "$0" "$@"`, FAKE_ENGINE, ...PLACES];
  const spec = fakeSpec({}, { engine: { kind: 'command', path: '/bin/sh', args, stopCommand: stop } });
  life.supervisor.apply([{ spec, desired: 'running' }]);
  const ready = await life.supervisor.ensureReady('qwen');

  const stopped = await life.supervisor.ensureStopped('qwen', { force: true });

  expect(readFileSync(note, 'utf8').trim()).toBe(String(ready.port));
  expect(stopped.lastExit).toMatchObject({ code: 0, signal: null });
});

test('a stop command that fails or hangs does not keep the engine', async () => {
  const failing = { ...commandSpec([...PLACES], ['/bin/false']), name: 'failing' };
  const hanging = { ...commandSpec([...PLACES], ['/bin/sleep', '100']), name: 'hanging' };
  const quick = { ...hanging, stop: { ...hanging.stop, graceMs: 300 } };
  life.supervisor.apply([
    { spec: failing, desired: 'running' },
    { spec: quick, desired: 'running' },
  ]);
  await Promise.all([life.supervisor.ensureReady('failing'), life.supervisor.ensureReady('hanging')]);

  const stopped = await Promise.all(
    ['failing', 'hanging'].map((name) => life.supervisor.ensureStopped(name, { force: true })),
  );

  expect(stopped.map((report) => report.state)).toEqual(['stopped', 'stopped']);
});
