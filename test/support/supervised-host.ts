/** A supervisor over real processes in a home of its own; everything it started is gone after `close`. */

import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { InstanceReport } from '../../src/contract/index.ts';
import { createMemoryLedger, readingOf } from '../../src/devices/index.ts';
import { createEngines } from '../../src/engines/index.ts';
import { createDetachedLauncher, createHttpProber, createSupervisor } from '../../src/instances/index.ts';
import type { Launcher, Supervisor } from '../../src/instances/index.ts';
import { createDetachedPrograms } from '../../src/kernel/detached/index.ts';
import { silentLog, systemClock, systemRandom } from '../../src/kernel/index.ts';
import { freePort } from './free-port.ts';
import { makeSpec } from './make-spec.ts';
import type { SpecChanges } from './make-spec.ts';
import { within } from './patience.ts';

export const FAKE_ENGINE = fileURLToPath(new URL('./fake-engine/fake-engine.mjs', import.meta.url));

/** A spec of the fake engine with the times of a test; `fake` holds its switches. */
export function fakeSpec(fake: Readonly<Record<string, string>> = {}, changes: SpecChanges = {}) {
  const switches = Object.entries(fake).map(([name, value]) => [`FAKE_ENGINE_${name}`, value]);
  return makeSpec({
    ...changes,
    engine: { kind: 'llama-server', path: FAKE_ENGINE, ...changes.engine },
    health: { intervalMs: 200, timeoutMs: 10_000, retries: 2, startPeriodMs: 5_000, ...changes.health },
    stop: { drainMs: 5_000, graceMs: 3_000, ...changes.stop },
    restart: { initialDelayMs: 50, maxDelayMs: 200, jitter: 0, ...changes.restart },
    env: { ...Object.fromEntries(switches), ...changes.env },
  });
}

export interface Life {
  readonly supervisor: Supervisor;
  readonly launcher: Launcher;
  /** Resolves with the first report, from now on or standing, that fits. */
  until(name: string, fits: (report: InstanceReport) => boolean): Promise<InstanceReport>;
  /** States in the order of their reports, without repetitions. */
  statesOf(name: string): readonly string[];
  /** Ends this life as a crash of the agent would: no engine is touched. */
  end(): Promise<void>;
}

export interface SupervisedHost {
  readonly home: string;
  /** `wrap` puts something between the supervisor and the processes. */
  live(wrap?: (launcher: Launcher) => Launcher): Promise<Life>;
  /** Stops everything; rejects when an engine is left behind. */
  close(): Promise<void>;
}

const CPU = readingOf({
  id: 'cpu',
  kind: 'cpu',
  name: 'CPU',
  index: 0,
  totalBytes: 8 * 1024 ** 3,
});

export async function createSupervisedHost(): Promise<SupervisedHost> {
  const home = mkdtempSync(join(tmpdir(), 'drover-instances-'));
  const firstPort = await freePort();
  const lives: Life[] = [];
  return {
    home,
    async live(wrap) {
      const life = await beginLife(home, firstPort, wrap);
      lives.push(life);
      return life;
    },
    async close() {
      for (const life of lives) await life.end();
      const last = await beginLife(home, firstPort);
      await last.supervisor.stopEverything({ force: true });
      const names = last.supervisor.reports().map((report) => report.name);
      await last.end();
      const left = names.flatMap((name) => enginePids(home, name));
      if (left.length > 0) throw new Error(`engines left behind: ${left.join(', ')}`);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function beginLife(home: string, firstPort: number, wrap = (real: Launcher): Launcher => real): Promise<Life> {
  const programs = createDetachedPrograms(join(home, 'agent', 'exits', 'instances'), systemClock);
  const launcher = wrap(createDetachedLauncher({ programs, clock: systemClock, home }));
  const engines = createEngines({ home, environment: process.env });
  const ledger = createMemoryLedger();
  ledger.observe('cpu', CPU);
  const supervisor = createSupervisor({
    engines,
    devices: { ledger, readings: () => [CPU], refresh: () => Promise.resolve() },
    launcher,
    prober: createHttpProber(engines, launcher, () => false),
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    home,
    environment: process.env,
    firstPort,
  });
  const seen: InstanceReport[] = [];
  supervisor.changes.subscribe((change) => change.kind === 'report' && seen.push(change.report));
  await supervisor.adopt();
  return {
    supervisor,
    launcher,
    until: (name, fits) => untilReport(supervisor, name, fits),
    statesOf: (name) =>
      seen
        .filter((report) => report.name === name)
        .map((report) => report.state)
        .filter((state, at, all) => state !== all[at - 1]),
    async end() {
      await supervisor.close();
      programs.close();
    },
  };
}

function untilReport(
  supervisor: Supervisor,
  name: string,
  fits: (report: InstanceReport) => boolean,
): Promise<InstanceReport> {
  const standing = supervisor.reports().find((report) => report.name === name && fits(report));
  if (standing) return Promise.resolve(standing);
  const coming = new Promise<InstanceReport>((resolve) => {
    const subscription = supervisor.changes.subscribe((change) => {
      if (change.kind !== 'report' || change.report.name !== name || !fits(change.report)) return;
      subscription[Symbol.dispose]();
      resolve(change.report);
    });
  });
  return within(coming, () => supervisor.reports());
}

/** Pids of live processes whose environment names this home's engine. */
export function enginePids(home: string, name: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => readEnvironment(pid).includes(`\0DROVER_ENGINE_OF=${home}#${name}\0`))
    .filter((pid) => !readCommand(pid).includes('drover-launch'))
    .map(Number);
}

function readEnvironment(pid: string): string {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}\0`;
  } catch {
    return '';
  }
}

function readCommand(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}
