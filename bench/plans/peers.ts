/**
 * The tools that run the same commands beside Drover, two at a time: how each is told, and what of its work outlives a
 * power failure. One that is not installed is said and left out.
 */

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort, until } from '../../test/support/house.ts';

/** A graph of commands: each with what it waits for. */
export interface Job {
  readonly id: string;
  readonly command: string;
  readonly after: readonly string[];
}

export interface Peer {
  readonly name: string;
  readonly durable: string;
  /** Null when it cannot be run here, or not for such a graph. */
  prepare(jobs: readonly Job[], folder: string): PreparedPeer | null;
}

export interface PreparedPeer {
  run(): void | Promise<void>;
  close?(): Promise<void>;
}

/** Runs once, in a folder of its own, and answers the milliseconds; null when the peer is not there. */
export async function timePeer(peer: Peer, jobs: readonly Job[]): Promise<number | null> {
  const folder = mkdtempSync(join(tmpdir(), 'drover-peer-'));
  try {
    const prepared = peer.prepare(jobs, folder);
    if (prepared === null) return null;
    const started = performance.now();
    await prepared.run();
    const ms = performance.now() - started;
    await prepared.close?.();
    return ms;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const isFlat = (jobs: readonly Job[]): boolean => jobs.every(({ after }) => after.length === 0);

export const xargs: Peer = {
  name: 'xargs -P2',
  durable: 'nothing',
  prepare(jobs, folder) {
    if (!isFlat(jobs)) return null;
    writeFileSync(join(folder, 'commands'), jobs.map(({ command }) => `${command}\0`).join(''));
    return { run: () => shell('xargs -0 -P2 -n1 sh -c <commands', folder) };
  },
};

export const parallel: Peer = {
  name: 'GNU parallel -j2',
  durable: 'nothing',
  prepare(jobs, folder) {
    if (!isFlat(jobs) || !has('parallel')) return null;
    writeFileSync(join(folder, 'commands'), jobs.map(({ command }) => `${command}\n`).join(''));
    return { run: () => shell('parallel --will-cite -j2 <commands', folder) };
  },
};

/** Files stand for what was done, so that a second run has nothing to do. */
export const make: Peer = {
  name: 'make -j2',
  durable: 'the files, unflushed',
  prepare(jobs, folder) {
    if (!has('make')) return null;
    const rules = jobs.map(
      ({ id, command, after }) => `${id}: ${after.join(' ')}\n\t@${command.replaceAll('$', '$$')}\n`,
    );
    const phony = `.PHONY: all ${jobs.map(({ id }) => id).join(' ')}\n`;
    writeFileSync(join(folder, 'Makefile'), `all: ${jobs.map(({ id }) => id).join(' ')}\n${phony}${rules.join('')}`);
    return { run: () => shell('make -s -j2', folder) };
  },
};

export const snakemake: Peer = {
  name: 'snakemake -j2',
  durable: 'its own records, unflushed',
  prepare(jobs, folder) {
    if (!has('snakemake')) return null;
    const rules = jobs.map(({ id, command, after }) => {
      const inputs = after.map((on) => `"${on}.done"`).join(', ');
      const text = JSON.stringify(`${command.replaceAll('{', '{{').replaceAll('}', '}}')} && touch {output}`);
      return `rule ${id}:\n    input: ${inputs === '' ? '[]' : inputs}\n    output: "${id}.done"\n    shell: ${text}\n`;
    });
    const all = `rule all:\n    input: ${jobs.map(({ id }) => `"${id}.done"`).join(', ')}\n`;
    writeFileSync(join(folder, 'Snakefile'), all + rules.join(''));
    return { run: () => shell('snakemake -q -j2 2>/dev/null', folder) };
  },
};

/** A queue in a private Redis that flushes every write, with a worker of this process that runs two commands at a time. */
export const bullmq: Peer = {
  name: 'BullMQ + Redis, 2 workers',
  durable: 'appendfsync always',
  prepare(jobs, folder) {
    if (!isFlat(jobs) || !has('redis-server') || !isInstalled('bullmq')) return null;
    let close = async (): Promise<void> => {};
    return {
      async run() {
        const { Queue, Worker } = await import('bullmq');
        const port = await freePort();
        const server = spawn(
          'redis-server',
          [
            '--port',
            String(port),
            '--bind',
            '127.0.0.1',
            '--appendonly',
            'yes',
            '--appendfsync',
            'always',
            '--save',
            '',
          ],
          { cwd: folder, stdio: 'ignore' },
        );
        const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
        const queue = new Queue('jobs', { connection });
        await until(() => queue.waitUntilReady().then(() => true));
        let left = jobs.length;
        const done = new Promise<void>((resolve, reject) => {
          const worker = new Worker('jobs', async (job) => spawned(String(job.data)), { connection, concurrency: 2 });
          worker.on('completed', () => (left -= 1) === 0 && resolve());
          worker.on('failed', (_job, error) => reject(error));
          close = async () => {
            await worker.close();
            await queue.close();
            server.kill('SIGKILL');
          };
        });
        await queue.addBulk(jobs.map(({ id, command }) => ({ name: id, data: command })));
        await done;
      },
      close: () => close(),
    };
  },
};

export const PEERS: readonly Peer[] = [xargs, parallel, make, snakemake, bullmq];

function spawned(command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', command], { stdio: 'ignore' });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}`))));
  });
}

export function shell(command: string, cwd: string): void {
  execFileSync('sh', ['-c', command], { cwd, stdio: 'ignore', maxBuffer: 2 ** 30 });
}

export function has(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function isInstalled(name: string): boolean {
  try {
    return import.meta.resolve(name) !== '';
  } catch {
    return false;
  }
}
