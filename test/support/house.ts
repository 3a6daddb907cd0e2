/**
 * A whole Drover for an end-to-end test: a private home, a free port, the real command, and no process left behind.
 * `await using house = await openHouse()` takes everything down when the test ends, however it ends.
 */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { identifyProcess, isSameProcess, lockHolder } from '../../src/kernel/index.ts';
import { freePort } from './free-port.ts';
import { until } from './patience.ts';

export { freePort } from './free-port.ts';
export { until } from './patience.ts';

/** The checkout: the nearest folder above with a package.json (this file also runs compiled, from another depth). */
export const ROOT = nearestPackage(import.meta.dirname);
const BIN = join(ROOT, 'bin/drover.js');

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface House extends AsyncDisposable {
  readonly home: string;
  readonly port: number;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs the command to its end. */
  drover(...args: string[]): Promise<Ran>;
  /** Runs it, demands exit code 0 and parses its stdout. */
  json<T>(...args: string[]): Promise<T>;
  /** Starts the command and leaves it running; the caller waits for it or kills it. */
  start(...args: string[]): ChildProcess;
  /** Rewrites an instance's config file. */
  editConfig(name: string, change: (config: Record<string, unknown>) => Record<string, unknown>): void;
  /** Pid of the live controller or agent. */
  pidOf(daemon: 'controller' | 'agent'): number;
  /** As a crash: by SIGKILL, all of them at once, and gone when it resolves. */
  kill(...daemons: readonly ('controller' | 'agent')[]): Promise<void>;
  /** Processes that carry this home in their environment. */
  processes(): number[];
}

const GOING_MS = 30_000;

/** Nothing is started: the first command that needs the daemon does that, as for a user. */
export async function openHouse(extraEnv: Readonly<Record<string, string>> = {}): Promise<House> {
  const home = mkdtempSync(join(tmpdir(), 'drover-house-'));
  const port = await freePort();
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: home,
    LANG: 'C.UTF-8',
    DROVER_HOME: join(home, '.drover'),
    DROVER_PORT: String(port),
    ...extraEnv,
  };

  const start = (...args: string[]): ChildProcess =>
    spawn(process.execPath, [BIN, ...args], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });

  async function drover(...args: string[]): Promise<Ran> {
    const child = start(...args);
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr?.on('data', (data: Buffer) => (stderr += data.toString()));
    const code = await new Promise<number>((done) => child.once('close', (exit) => done(exit ?? 128)));
    return { code, stdout, stderr };
  }

  const lockOf = (daemon: string): string => join(env['DROVER_HOME'] ?? '', 'run', `${daemon}.lock`);

  const processes = (): number[] => pidsWith(`DROVER_HOME=${env['DROVER_HOME'] ?? ''}`);

  return {
    home: env['DROVER_HOME'] ?? '',
    port,
    url: `http://127.0.0.1:${port}`,
    env,
    drover,
    start,
    processes,
    async json<T>(...args: string[]) {
      const ran = await drover(...args, '--json');
      if (ran.code !== 0)
        throw new Error(`drover ${args.join(' ')} ended with ${ran.code}:\n${ran.stderr}${ran.stdout}`);
      return JSON.parse(ran.stdout) as T;
    },
    editConfig(name, change) {
      const file = join(env['DROVER_HOME'] ?? '', 'instances', name, 'config.json');
      const config = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
      writeFileSync(file, JSON.stringify(change(config), null, 2));
    },
    pidOf: (daemon) => (JSON.parse(readFileSync(lockOf(daemon), 'utf8')) as { pid: number }).pid,
    async kill(...daemons) {
      const holders = daemons.map((daemon) => lockHolder(lockOf(daemon))).filter((holder) => holder !== null);
      if (holders.length < daemons.length) throw new Error(`of ${daemons.join(' and ')} only ${holders.length} live`);
      for (const { pid } of holders) process.kill(pid, 'SIGKILL');
      await until(() => !holders.some(isSameProcess));
    },
    async [Symbol.asyncDispose]() {
      const stopped = await drover('daemon', 'stop', '--all');
      // A second daemon of a race, which finds the first one's lock or the marker of the stop, ends by itself.
      const deadline = performance.now() + GOING_MS;
      await until(() => processes().length === 0 || performance.now() > deadline);
      const left = processes().map((pid) => ({ pid, command: commandLine(pid) }));
      for (const { pid } of left) killIfThere(pid);
      rmSync(home, { recursive: true, force: true, maxRetries: 10 });
      if (stopped.code !== 0) throw new Error(`daemon stop --all ended with ${stopped.code}: ${stopped.stderr}`);
      if (left.length > 0) throw new Error(`processes were left behind: ${JSON.stringify(left)}`);
    },
  };
}

/** SIGKILL; nothing where it has ended by itself a moment ago. */
export function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

export function isAlive(pid: number): boolean {
  return identifyProcess(pid) !== null;
}

function pidsWith(variable: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && environmentOf(name).includes(variable))
    .map(Number)
    .filter((pid) => isAlive(pid));
}

function environmentOf(pid: string): string[] {
  return wordsIn(`/proc/${pid}/environ`);
}

function commandLine(pid: number): string {
  return wordsIn(`/proc/${pid}/cmdline`).join(' ').trim();
}

/** Words that end with a NUL each; none of a process that has gone. */
function wordsIn(file: string): string[] {
  try {
    return readFileSync(file, 'latin1').split('\0');
  } catch {
    return [];
  }
}

function nearestPackage(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : nearestPackage(dirname(folder));
}
