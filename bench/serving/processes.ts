/** Processes that are compared: started on a core of their own, and what CPU time and memory they have used. */

import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { openSync, readdirSync, readFileSync } from 'node:fs';

export interface Contestant {
  readonly name: string;
  readonly port: number;
  /** What a request to it carries, names and values in turn. */
  readonly headers: readonly string[];
  /** CPU milliseconds of the process and its children so far; NaN where there is no process between. */
  cpuMs(): number;
  /** Resident memory in megabytes. */
  rssMb(): number;
  stop(): Promise<void>;
}

/** The load generator and the upstream share one core, the relay has the other. */
export const LOAD_CORE = '0';
export const RELAY_CORE = '1';

const JSON_HEADERS = ['content-type', 'application/json'] as const;
const hasTaskset = succeeds('taskset', ['--version']);

export function direct(port: number): Contestant {
  const none = (): number => Number.NaN;
  return { name: 'direct', port, headers: JSON_HEADERS, cpuMs: none, rssMb: none, stop: () => Promise.resolve() };
}

export function launch(core: string, file: string, args: readonly string[]): ChildProcess {
  const [command, all] = hasTaskset ? ['taskset', ['-c', core, file, ...args]] : [file, args];
  return spawn(command, all, { stdio: ['ignore', 'pipe', openSync('/dev/null', 'w')] });
}

/** Of a process that somebody else has started, with all its threads. */
export function moveToCore(core: string, pid: number): void {
  if (hasTaskset) execFileSync('taskset', ['-a', '-c', '-p', core, String(pid)], { stdio: 'ignore' });
}

export interface Face {
  readonly name: string;
  readonly port: number;
  readonly headers?: readonly string[];
}

/** `stop` also runs `after`, when the process has gone. */
export function fromChild(face: Face, child: ChildProcess, after: () => void = () => {}): Contestant {
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.stdout?.resume(); // its log is read and dropped
  return fromPid(face, child.pid ?? 0, async () => {
    child.kill();
    await gone;
    after();
  });
}

export function fromPid({ name, port, headers = [] }: Face, pid: number, stop: () => Promise<void>): Contestant {
  const sum = (read: (pid: number) => number): number =>
    [pid, ...childrenOf(pid)].reduce((all, one) => all + read(one), 0);
  return {
    name,
    port,
    headers: [...JSON_HEADERS, ...headers],
    cpuMs: () => sum(cpuMsOf),
    rssMb: () => sum(rssMbOf),
    stop,
  };
}

function childrenOf(pid: number): readonly number[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

/** Of a process with its threads: fields 14 and 15 of stat, in ticks of 10 ms. */
export function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function rssMbOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;
}

export function succeeds(file: string, args: readonly string[]): boolean {
  try {
    execFileSync(file, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
