/** Starts what is compared, each as a process of its own on the second core, and tells its CPU time. */

import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Contestant {
  readonly name: string;
  readonly port: number;
  /** CPU milliseconds of the process and its children so far; NaN where there is no process between. */
  cpuMs(): number;
  /** Resident memory in megabytes. */
  rssMb(): number;
  stop(): void;
}

/** The load generator and the upstream share one core, the relay has the other. */
export const LOAD_CORE = '0';
const RELAY_CORE = '1';

const hasTaskset = succeeds('taskset', ['--version']);

export function startNode(
  name: string,
  script: string,
  args: readonly string[],
  core = RELAY_CORE,
): Promise<Contestant> {
  const file = fileURLToPath(new URL(`./${script}.js`, import.meta.url));
  return started(name, launch(core, process.execPath, [file, ...args]));
}

/** Null when nginx is not installed. */
export async function startNginx(upstreamPort: number, binary: string): Promise<Contestant | null> {
  if (!succeeds(binary, ['-v'])) return null;
  const folder = mkdtempSync(join(tmpdir(), 'drover-bench-nginx-'));
  mkdirSync(join(folder, 'temp'));
  const port = await freePort();
  writeFileSync(join(folder, 'nginx.conf'), nginxConfig(folder, port, upstreamPort));
  const child = launch(RELAY_CORE, binary, [
    '-p',
    folder,
    '-c',
    join(folder, 'nginx.conf'),
    '-e',
    join(folder, 'error.log'),
  ]);
  await untilOpen(port);
  const contestant = fromProcess('nginx', port, child);
  return {
    ...contestant,
    stop() {
      contestant.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function direct(port: number): Contestant {
  return { name: 'direct', port, cpuMs: () => Number.NaN, rssMb: () => Number.NaN, stop: () => {} };
}

function launch(core: string, file: string, args: readonly string[]): ChildProcess {
  const [command, all] = hasTaskset ? ['taskset', ['-c', core, file, ...args]] : [file, args];
  return spawn(command, all, { stdio: ['ignore', 'pipe', openSync('/dev/null', 'w')] });
}

/** Waits for the line with the port; what is printed later (the log) is read and dropped. */
function started(name: string, child: ChildProcess): Promise<Contestant> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code} before it listened`)));
    child.stdout?.once('data', (text: Buffer) => {
      const port = /listening on (\d+)/.exec(text.toString())?.[1];
      if (port === undefined) reject(new Error(`${name} said: ${text.toString()}`));
      else resolve(fromProcess(name, Number(port), child));
    });
    child.stdout?.on('data', () => {});
  });
}

function fromProcess(name: string, port: number, child: ChildProcess): Contestant {
  const pid = child.pid ?? 0;
  return {
    name,
    port,
    cpuMs: () => [pid, ...childrenOf(pid)].reduce((sum, one) => sum + cpuMsOf(one), 0),
    rssMb: () => [pid, ...childrenOf(pid)].reduce((sum, one) => sum + rssMbOf(one), 0),
    stop: () => void child.kill(),
  };
}

function childrenOf(pid: number): readonly number[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

/** Fields 14 and 15 of stat, in ticks of 10 ms. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function rssMbOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;
}

function succeeds(file: string, args: readonly string[]): boolean {
  try {
    execFileSync(file, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server has an AddressInfo
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilOpen(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const answer = await fetch(`http://127.0.0.1:${port}/stats`).catch(() => null);
    if (answer !== null) return void (await answer.arrayBuffer());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on ${port}`);
}

function nginxConfig(folder: string, port: number, upstreamPort: number): string {
  const temps = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
events { worker_connections 4096; }
http {
  access_log ${folder}/access.log;
  ${temps.map((name) => `${name}_temp_path ${folder}/temp/${name};`).join('\n  ')}
  keepalive_requests 1000000;
  client_max_body_size 32m;
  client_body_buffer_size 1m;
  upstream engine { server 127.0.0.1:${upstreamPort}; keepalive 256; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://engine;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_read_timeout 3600s;
    }
  }
}
`;
}
