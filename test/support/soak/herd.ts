/**
 * Many fake instances in one house and the deeds that a soak does to them. Keeps for each instance what was last asked
 * for and acknowledged, and every process it ended by its own hand.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { createClient } from '../../../src/client/index.ts';
import type { Client } from '../../../src/client/index.ts';
import { socketPath } from '../../../src/config/paths.ts';
import { AppError } from '../../../src/contract/errors.ts';
import type { InstanceView } from '../../../src/contract/index.ts';
import { identifyProcess } from '../../../src/kernel/index.ts';
import { isAlive, until } from '../house.ts';
import type { House } from '../house.ts';
import { FAKE_ENGINE } from '../supervised-host.ts';
import type { Deed, SoakEvent } from './script.ts';

/** A process of an instance that was ended by the soak while its instance was ready. */
export interface Killed {
  readonly name: string;
  readonly pid: number;
  readonly signal: 'SIGKILL' | 'SIGSEGV';
}

export interface Herd {
  readonly names: readonly string[];
  readonly client: Client;
  /** By name: what was asked for last. */
  readonly wanted: ReadonlyMap<string, 'running' | 'stopped'>;
  readonly killed: readonly Killed[];
  /** Whether its engine starts a child that outlives it if nobody ends it. */
  forks(name: string): boolean;
  /**
   * Does the deed, or queues it behind what is still being done to the same instance. Resolves at once for a deed on an
   * instance, and for one on a daemon when both daemons are up again.
   */
  perform(event: SoakEvent): Promise<void>;
  /** Resolves when every deed has been answered. Rejects when one was refused for a reason of its own. */
  settled(): Promise<void>;
  rows(): Promise<readonly InstanceView[]>;
}

/** A daemon that comes back takes a second, on a busy machine a few. */
const AWAY_LONGEST_MS = 100_000;
const FORKS_EVERY = 5;

export function openHerd(house: House, size: number, modelPath: string): Herd {
  const names = Array.from({ length: size }, (_, index) => `herd-${String(index).padStart(2, '0')}`);
  const forks = (name: string): boolean => names.indexOf(name) % FORKS_EVERY === 0;
  for (const name of names) writeConfig(house, name, modelPath, forks(name));
  const client = createClient({ endpoint: { kind: 'socket', path: socketPath(house.home) } });
  const wanted = new Map<string, 'running' | 'stopped'>();
  const killed: Killed[] = [];
  const queues = new Map<string, Promise<void>>();
  const failures: unknown[] = [];

  const rows = (): Promise<readonly InstanceView[]> => untilAnswered(() => client.instances());

  const enqueue = (name: string, task: () => Promise<void>): void => {
    const before = queues.get(name) ?? Promise.resolve();
    queues.set(
      name,
      before.then(task).catch((error: unknown) => void failures.push(error)),
    );
  };

  async function hit(name: string, signal: Killed['signal'] | 'SIGSTOP'): Promise<void> {
    const row = (await rows()).find((each) => each.name === name);
    if (row?.status !== 'ready' || row.pid === null || identifyProcess(row.pid) === null) return;
    process.kill(row.pid, signal);
    if (signal !== 'SIGSTOP') killed.push({ name, pid: row.pid, signal });
  }

  async function ask(name: string, desired: 'running' | 'stopped', call: () => Promise<unknown>): Promise<void> {
    wanted.set(name, desired);
    await untilAnswered(call);
  }

  const joined = (): Promise<boolean> =>
    untilAnswered(() => client.daemon()).then(({ agents }) => agents.some(({ connected }) => connected));

  /** The other daemon brings it back by itself. */
  async function killOne(daemon: Daemon): Promise<void> {
    const pid = house.pidOf(daemon);
    process.kill(pid, 'SIGKILL');
    await until(
      () => liveDaemon(house, daemon),
      (live) => live !== null && live !== pid,
    );
    await until(joined);
  }

  /** With both gone nobody is left to bring one back: a person types the command. */
  async function killBoth(): Promise<void> {
    await house.kill('agent', 'controller');
    await until(async () => (await house.drover('daemon', 'start')).code === 0);
    await until(joined);
  }

  function deedOn(name: string, deed: Deed): Promise<void> {
    switch (deed) {
      case 'up':
        return ask(name, 'running', () => client.startInstance(name, { wait: false }));
      case 'down':
        return ask(name, 'stopped', () => client.stopInstance(name));
      case 'restart':
        return ask(name, 'running', () => client.restartInstance(name, { wait: false }));
      case 'crash':
        return hit(name, 'SIGKILL');
      case 'segfault':
        return hit(name, 'SIGSEGV');
      case 'hang':
        return hit(name, 'SIGSTOP');
      default:
        return Promise.reject(new Error(`${deed} is no deed on an instance`));
    }
  }

  return {
    names,
    client,
    wanted,
    killed,
    forks,
    async perform({ deed, instance }) {
      if (deed === 'kill-agent') return killOne('agent');
      if (deed === 'kill-controller') return killOne('controller');
      if (deed === 'kill-both') return killBoth();
      const name = names[instance] ?? '';
      enqueue(name, () => deedOn(name, deed));
    },
    async settled() {
      await Promise.all(queues.values());
      if (failures.length > 0) throw new AggregateError(failures, `${failures.length} deeds were refused`);
    },
    rows,
  };
}

function writeConfig(house: House, name: string, modelPath: string, forks: boolean): void {
  const folder = join(house.home, 'instances', name);
  mkdirSync(folder, { recursive: true });
  const config = {
    name,
    engine: { kind: 'llama-server', path: FAKE_ENGINE },
    model: { path: modelPath, context_size: 512 },
    gpu: { backend: 'cuda' },
    healthcheck: { interval: '1s', timeout: '1s', retries: 2, start_period: '20s', load_timeout: '60s' },
    stop: { drain: '1s', grace: '1s' },
    restart: { max_retries: 100, window: '10s', initial_delay: '50ms', max_delay: '400ms' },
    env: { FAKE_ENGINE_LOAD_MS: '50', ...(forks ? { FAKE_ENGINE_FORK_CHILD: 'detached' } : {}) },
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config, null, 2));
}

type Daemon = 'agent' | 'controller';

/** Null while it is down or has not yet taken its lock. */
function liveDaemon(house: House, daemon: Daemon): number | null {
  try {
    const pid = house.pidOf(daemon);
    return isAlive(pid) ? pid : null;
  } catch {
    return null; // its lock file is just being made
  }
}

/** Asks again while a daemon is down or on its way back, for as long as that may take; other refusals are the caller's. */
async function untilAnswered<T>(call: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + AWAY_LONGEST_MS;
  const answer = await until(
    () =>
      call()
        .then((value) => ({ value }))
        .catch((error: unknown) => {
          if (isAway(error) && performance.now() < deadline) return null;
          throw error;
        }),
    (each) => each !== null,
  );
  if (answer === null) throw new Error('unreachable: until ends with an answer');
  return answer.value;
}

/** Or so busy that it has not done in its time what it goes on with. */
function isAway(error: unknown): boolean {
  return error instanceof AppError && ['DAEMON_UNREACHABLE', 'AGENT_UNAVAILABLE', 'TIMEOUT'].includes(error.code);
}
