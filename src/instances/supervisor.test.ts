/** The supervisor's shell under a virtual clock, with a launcher that only pretends. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { makeSpec } from '../../test/support/make-spec.ts';
import type { InstanceReport } from '../contract/index.ts';
import { createMemoryLedger, readingOf } from '../devices/index.ts';
import type { MemoryLedger } from '../devices/index.ts';
import { createEngines } from '../engines/index.ts';
import type { Engines, ProgramEngine } from '../engines/index.ts';
import type { Ending, Inspection, LaunchResult } from '../kernel/detached/index.ts';
import { TestClock, identifyProcess, silentLog } from '../kernel/index.ts';
import type { ProcessIdentity } from '../kernel/index.ts';
import type { Launcher, LaunchRequest } from './launch/launcher.ts';
import { UNTOLD } from './machine/state.ts';
import { createSupervisor } from './supervisor.ts';
import type { Supervisor } from './supervisor.ts';
import type { InstanceChange } from './owner/instance-change.ts';

const MIB = 1024 * 1024;

/** Programs that run until the test ends them, and that outlive a supervisor as real ones do. */
class PretendedPrograms implements Launcher {
  readonly requests: LaunchRequest[] = [];
  readonly #running = new Map<string, ProcessIdentity>();
  readonly #endings = new Map<string, Ending>();
  readonly #watchers = new Map<string, ((ending: Ending) => void)[]>();

  launch(request: LaunchRequest): Promise<LaunchResult> {
    this.requests.push(request);
    const identity = { pid: 1_000_000 + this.requests.length, startTime: '1', bootId: bootId() };
    this.#running.set(request.id, identity);
    return Promise.resolve({ kind: 'started', pid: identity.pid, identity });
  }

  inspect(id: string): Inspection {
    const identity = this.#running.get(id);
    const ending = this.#endings.get(id);
    if (identity === undefined) return { kind: 'unknown' };
    return ending === undefined ? { kind: 'running', identity } : { kind: 'ended', identity, ending };
  }

  ended(id: string): Promise<Ending> {
    return new Promise((resolve) => {
      const ending = this.#endings.get(id);
      if (ending) resolve(ending);
      else this.#watchers.set(id, [...(this.#watchers.get(id) ?? []), resolve]);
    });
  }

  crash(id: string, at: number): void {
    const ending: Ending = { kind: 'exited', code: 1, at };
    this.#endings.set(id, ending);
    for (const tell of this.#watchers.get(id) ?? []) tell(ending);
  }

  forget = (): void => {};
  isAlive = (): boolean => true;
  marks = (name: string): Record<string, string> => ({ DROVER_INSTANCE: name });
  members = (): number[] => [];
  withMembers = (names: readonly string[]): readonly string[] => names;
  terminate = (identity: ProcessIdentity): void => this.#endByIdentity(identity);
  kill = (_name: string, identity: ProcessIdentity): void => this.#endByIdentity(identity);
  readonly swept: string[] = [];
  sweep = (name: string): Promise<number[]> => {
    this.swept.push(name);
    return Promise.resolve([]);
  };

  #endByIdentity(identity: ProcessIdentity): void {
    const id = [...this.#running].find(([, other]) => other.pid === identity.pid)?.[0];
    if (id !== undefined) this.crash(id, 0);
  }
}

function bootId(): string {
  return identifyProcess(process.pid)?.bootId ?? 'unknown';
}

const engine: ProgramEngine = {
  kind: 'llama-server',
  locate: () =>
    Promise.resolve({ file: '/bin/engine', leadingArgs: [], version: '1', flags: null, origin: 'path' as const }),
  buildCommand: (_spec, context) => ({
    file: '/bin/engine',
    args: ['--port', String(context.port), '--threads', String(context.threads)],
    env: { ENGINE_KEY: String(context.key) },
    shown: [],
  }),
  healthPaths: () => ['/health'],
  classifyHealth: () => ({ health: 'healthy', detail: null }),
  parseSlots: () => null,
  parseContextSize: () => null,
  stopCommand: () => null,
  servedModel: () => null,
};
const engines: Engines = {
  ...createEngines({ home: '/nowhere', environment: {} }),
  'llama-server': engine,
  embedded: { ...engine, kind: 'embedded' },
};

const CPU = readingOf({
  id: 'cpu',
  kind: 'cpu',
  name: 'CPU',
  index: 0,
  totalBytes: 1_000 * MIB,
});

interface Life {
  readonly supervisor: Supervisor;
  readonly ledger: MemoryLedger;
  readonly changes: InstanceChange[];
  /** The first report, standing or to come, that is in this state. */
  reached(state: InstanceReport['state']): Promise<InstanceReport>;
}

let home: string;
let clock: TestClock;
let programs: PretendedPrograms;
const lives: Supervisor[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'drover-supervisor-'));
  clock = new TestClock();
  programs = new PretendedPrograms();
});

afterEach(async () => {
  await Promise.all(lives.splice(0).map((supervisor) => supervisor.close()));
  rmSync(home, { recursive: true, force: true });
});

async function live(): Promise<Life> {
  const ledger = createMemoryLedger();
  ledger.observe('cpu', CPU);
  const changes: InstanceChange[] = [];
  const supervisor = createSupervisor({
    engines,
    devices: { ledger, readings: () => [CPU], refresh: () => Promise.resolve() },
    launcher: programs,
    prober: {
      health: () => Promise.resolve({ health: 'healthy', detail: null }),
      firstHealth: () => Promise.resolve({ health: 'healthy', detail: null, traits: UNTOLD }),
      firstAnswer: () => Promise.resolve({ kind: 'answered' }),
      slots: () => Promise.resolve({ kind: 'told', reading: { total: 1, busy: 0, slots: [] } }),
      canary: () => Promise.resolve(true),
    },
    clock,
    random: () => 0.5,
    log: silentLog,
    home,
    environment: {},
    firstPort: 20_001,
  });
  lives.push(supervisor);
  supervisor.changes.subscribe((change) => changes.push(change));
  await supervisor.adopt();
  const reached: Life['reached'] = (state) =>
    new Promise((resolve) => {
      const standing = supervisor.reports().find((report) => report.state === state);
      if (standing) return resolve(standing);
      const listening = supervisor.changes.subscribe((change) => {
        if (change.kind !== 'report' || change.report.state !== state) return;
        listening[Symbol.dispose]();
        resolve(change.report);
      });
    });
  return { supervisor, ledger, changes, reached };
}

async function becomeReady({ supervisor, reached }: Life, spec = makeSpec()): Promise<InstanceReport> {
  supervisor.apply([{ spec, desired: 'running' }]);
  await reached('loading');
  await clock.advance(25);
  return supervisor.ensureReady(spec.name);
}

test('a crash is answered by a start after the delay, not before, and memory is kept meanwhile', async () => {
  const life = await live();
  await becomeReady(life);

  programs.crash('qwen.1', clock.now());
  const backoff = await life.reached('backoff');
  await clock.advance(1_999);
  const before = programs.requests.length;
  const held = life.ledger.picture('cpu')?.instanceBytes;
  await clock.advance(1);
  await life.reached('loading');

  expect(backoff.nextStartAt).toBe(clock.now());
  expect(before).toBe(1);
  expect(held).toBe(100 * MIB);
  expect(programs.requests.map((request) => request.id)).toEqual(['qwen.1', 'qwen.2']);
});

test('a stopped instance has given back its memory', async () => {
  const life = await live();
  await becomeReady(life);

  const stopping = life.supervisor.ensureStopped('qwen');
  await life.reached('stopping');
  await clock.advance(200);
  await stopping;

  expect(life.ledger.reservations()).toEqual([]);
});

test('the restart budget survives a daemon restart', async () => {
  const spec = makeSpec({ restart: { maxRetries: 1 } });
  const first = await live();
  await becomeReady(first, spec);
  programs.crash('qwen.1', clock.now());
  await first.reached('backoff');
  await first.supervisor.close();

  const second = await live();
  await clock.advance(2_000);
  await second.reached('loading');
  programs.crash('qwen.2', clock.now());
  const failed = await second.reached('failed');

  expect(failed.failure?.message).toContain('1 restarts within 10m00s did not help');
  expect(failed.restarts).toBe(1);
});

test('an engine whose spawn was under way when the agent died is taken over, not started twice', async () => {
  const first = await live();
  await becomeReady(first);
  await first.supervisor.close();
  const path = join(home, 'agent', 'instances', 'qwen.json');
  const record = JSON.parse(readFileSync(path, 'utf8')) as { process: { identity: unknown; readyAt: unknown } };
  record.process = { ...record.process, identity: null, readyAt: null };
  writeFileSync(path, JSON.stringify(record));

  const second = await live();
  const report = await second.reached('loading');

  expect(report.pid).toBe(1_000_001);
  expect(programs.requests).toHaveLength(1);
  expect(second.ledger.picture('cpu')?.instanceBytes).toBe(100 * MIB);
});

test('an adopted instance is reported as such, once', async () => {
  const first = await live();
  await becomeReady(first);
  await first.supervisor.close();

  const second = await live();
  second.supervisor.apply([{ spec: makeSpec(), desired: 'running' }]);
  await clock.advance(10);

  expect(second.changes).toMatchObject([
    { kind: 'report', adopted: true, report: { state: 'ready', pid: 1_000_001 } },
    { kind: 'report', adopted: false, report: { health: 'healthy' } },
  ]);
});

test('the record is for the user alone, and holds the key of what runs', async () => {
  const life = await live();
  const { key } = await becomeReady(life);

  const path = join(home, 'agent', 'instances', 'qwen.json');

  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, 'utf8')).toContain(String(key));
});

test('a record that nobody can read is left alone', async () => {
  const first = await live();
  await becomeReady(first);
  await first.supervisor.close();
  const path = join(home, 'agent', 'instances', 'qwen.json');
  writeFileSync(path, '{"version": 99}');

  const second = await live();

  expect(second.supervisor.reports()).toEqual([]);
  expect(readFileSync(path, 'utf8')).toBe('{"version": 99}');
});

test('before the first start without a readable record, what an earlier life left is cleared away', async () => {
  const first = await live();
  await becomeReady(first);
  await first.supervisor.close();
  writeFileSync(join(home, 'agent', 'instances', 'qwen.json'), '{"version": 99}');
  programs.swept.length = 0;

  const second = await live();
  await becomeReady(second);

  expect(programs.swept).toEqual(['qwen']);
});

test('who leaves while waiting is let go, and the start goes on', async () => {
  const life = await live();
  const leaving = new AbortController();
  life.supervisor.apply([{ spec: makeSpec(), desired: 'running' }]);
  const waiting = life.supervisor.ensureReady('qwen', { signal: leaving.signal });

  leaving.abort(new Error('gone home'));
  await expect(waiting).rejects.toThrow('gone home');
  await life.reached('loading');
  await clock.advance(25);

  expect(await life.reached('ready')).toMatchObject({ health: 'healthy' });
});

test('whoever waits when the agent goes down is refused', async () => {
  const life = await live();
  life.supervisor.apply([{ spec: makeSpec(), desired: 'running' }]);
  const waiting = life.supervisor.ensureReady('qwen');
  await life.reached('loading');

  await Promise.all([expect(waiting).rejects.toMatchObject({ code: 'AGENT_UNAVAILABLE' }), life.supervisor.close()]);
});

test('what the desired picture does not name is left alone', async () => {
  const life = await live();
  await becomeReady(life);

  life.supervisor.apply([]);
  await clock.advance(1_000);

  expect(life.supervisor.reports()).toMatchObject([{ state: 'ready' }]);
});

test('two instances get two ports', async () => {
  const life = await live();
  life.supervisor.apply([
    { spec: makeSpec({ name: 'a' }), desired: 'running' },
    { spec: makeSpec({ name: 'b' }), desired: 'running' },
  ]);
  await clock.advance(0);
  await life.reached('loading');
  await expect.poll(() => programs.requests.length).toBe(2);

  const ports = programs.requests.map((request) => request.args[1]);

  expect(new Set(ports).size).toBe(2);
});

test('everything is stopped although an instance was forgotten before', async () => {
  const life = await live();
  life.supervisor.apply([
    { spec: makeSpec({ name: 'a' }), desired: 'running' },
    { spec: makeSpec({ name: 'b' }), desired: 'running' },
  ]);
  await clock.advance(0);
  await expect.poll(() => programs.requests.length).toBe(2);
  await life.supervisor.ensureStopped('a', { force: true });
  life.supervisor.forget('a');
  await expect.poll(() => life.supervisor.reports().map((report) => report.name)).toEqual(['b']);

  await life.supervisor.stopEverything({ force: true });

  expect(life.supervisor.reports()).toMatchObject([{ name: 'b', state: 'stopped' }]);
  await expect(life.supervisor.ensureReady('b')).rejects.toMatchObject({ code: 'INSTANCE_STOPPED' });
  life.supervisor.apply([{ spec: makeSpec({ name: 'b' }), desired: 'running' }]);
  expect(programs.requests).toHaveLength(2);
});

describe('while no record can be written, as on a full disk', () => {
  const recordOf = (name: string): string => join(home, 'agent', 'instances', `${name}.json`);

  test('a crash is answered by a start all the same, once it can be again', async () => {
    const life = await live();
    await becomeReady(life);
    rmSync(recordOf('qwen'));
    mkdirSync(recordOf('qwen'));

    programs.crash('qwen.1', clock.now());
    const backoff = await life.reached('backoff');
    rmSync(recordOf('qwen'), { recursive: true });
    await clock.advance((backoff.nextStartAt ?? 0) - clock.now());
    await life.reached('loading');

    expect(programs.requests.map((request) => request.id)).toEqual(['qwen.1', 'qwen.2']);
  });

  test('nothing is launched that would be forgotten, and whoever waits is told why', async () => {
    const life = await live();
    mkdirSync(recordOf('qwen'), { recursive: true });
    life.supervisor.apply([{ spec: makeSpec(), desired: 'running' }]);

    const refused = await life.supervisor.ensureReady('qwen').catch((error: unknown) => error);

    expect(refused).toMatchObject({ code: 'ENGINE_START_FAILED', message: expect.stringContaining('qwen could not') });
    expect(programs.requests).toEqual([]);
    expect(life.supervisor.reports()).toMatchObject([{ state: 'backoff' }]);
  });
});
