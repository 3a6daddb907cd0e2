/** Who stands between the load and the upstream: peers as they are installed, the barest relay, and Drover. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { freePort, openHouse, ROOT } from '../../test/support/house.ts';
import { hasNginx, NGINX, nginxArgs } from '../../test/support/nginx.ts';
import { fromChild, fromPid, launch, moveToCore, RELAY_CORE, succeeds } from './processes.ts';
import type { Contestant } from './processes.ts';

/** The most slots that an instance may have. */
const MOST_PARALLEL = 64;
const HAPROXY = '/usr/sbin/haproxy';
const PORTKEY = join(ROOT, 'node_modules/@portkey-ai/gateway/build/start-server.js');

/** A script of this folder that prints where it listens. */
export function startNode(
  name: string,
  script: string,
  args: readonly string[],
  core = RELAY_CORE,
): Promise<Contestant> {
  const file = fileURLToPath(new URL(`./${script}.js`, import.meta.url));
  const child = launch(core, process.execPath, [file, ...args]);
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code} before it listened`)));
    child.stdout?.once('data', (text: Buffer) => {
      const port = /listening on (\d+)/.exec(text.toString())?.[1];
      if (port === undefined) reject(new Error(`${name} said: ${text.toString()}`));
      else resolve(fromChild({ name, port: Number(port) }, child));
    });
  });
}

/** Null when it is not installed. */
export async function startNginx(upstreamPort: number): Promise<Contestant | null> {
  if (!hasNginx()) return null;
  const folder = mkdtempSync(join(tmpdir(), 'drover-bench-nginx-'));
  const port = await freePort();
  const child = launch(RELAY_CORE, NGINX, nginxArgs(folder, { port, upstreamPort, readTimeout: '3600s' }));
  await untilOpen(port);
  return fromChild({ name: 'nginx', port }, child, () => rmSync(folder, { recursive: true, force: true }));
}

/** Null when it is not installed. */
export async function startHaproxy(upstreamPort: number): Promise<Contestant | null> {
  if (!succeeds(HAPROXY, ['-v'])) return null;
  const folder = mkdtempSync(join(tmpdir(), 'drover-bench-haproxy-'));
  const port = await freePort();
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, haproxyConfig(port, upstreamPort));
  const child = launch(RELAY_CORE, HAPROXY, ['-db', '-f', file]);
  await untilOpen(port);
  return fromChild({ name: 'haproxy', port }, child, () => rmSync(folder, { recursive: true, force: true }));
}

/** `http-no-delay`: else it holds a token back until a packet is full. */
function haproxyConfig(port: number, upstreamPort: number): string {
  return `
global
  maxconn 8192
  nbthread 1
defaults
  mode http
  option http-no-delay
  option http-keep-alive
  http-reuse always
  timeout client 1h
  timeout server 1h
  timeout connect 5s
listen relay
  bind 127.0.0.1:${port}
  server engine 127.0.0.1:${upstreamPort}
`;
}

/** The npm package, before an OpenAI-like provider at a host of its own. */
export async function startPortkey(upstreamPort: number): Promise<Contestant> {
  const port = await freePort();
  const child = launch(RELAY_CORE, process.execPath, [PORTKEY, '--headless', `--port=${port}`]);
  const host = `http://127.0.0.1:${upstreamPort}/v1`;
  const headers = ['x-portkey-provider', 'openai', 'x-portkey-custom-host', host, 'authorization', 'Bearer none'];
  await untilOpen(port);
  return fromChild({ name: 'portkey', port, headers }, child);
}

/** A whole Drover: its controller with a key, the queue, metrics, records and the log, before remote engines. */
export async function startDrover(upstreamPort: number, slots: number): Promise<Contestant> {
  const house = await openHouse();
  const engine = { kind: 'remote', url: `http://127.0.0.1:${upstreamPort}/v1` };
  const config = { engine, model: { id: 'bench', alias: ['bench'] }, server: { parallel: MOST_PARALLEL } };
  for (let made = 0; made * MOST_PARALLEL < slots; made++) {
    const name = `upstream-${made}`;
    const folder = join(house.home, 'instances', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ name, ...config }));
  }
  const up = await house.drover('up', '--all');
  if (up.code !== 0) throw new Error(`the instances do not start: ${up.stderr}`);
  const { key } = await house.json<{ readonly key: string }>('key', 'create', '--name', 'bench');
  const pid = house.pidOf('controller');
  moveToCore(RELAY_CORE, pid);
  const face = { name: 'drover, full features', port: house.port, headers: ['authorization', `Bearer ${key}`] };
  return fromPid(face, pid, async () => house[Symbol.asyncDispose]());
}

async function untilOpen(port: number): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    const answer = await fetch(`http://127.0.0.1:${port}/stats`).catch(() => null);
    if (answer !== null) return void (await answer.arrayBuffer());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on ${port}`);
}
