/** All instances of this host by name. Each has an owner; this file finds the owner and passes the question on. */

import { join } from 'node:path';

import { AppError } from '../contract/index.ts';
import type { DesiredState, InstanceReport, InstanceSpec, ProbeRecord } from '../contract/index.ts';
import type { Devices } from '../devices/index.ts';
import type { Engines } from '../engines/index.ts';
import { createBus, createScope, every } from '../kernel/index.ts';
import type { Bus, Clock, Log, Random } from '../kernel/index.ts';
import { findLeftover } from './adoption.ts';
import { toError, unknownInstanceFailure } from './machine/failures.ts';
import type { Launcher } from './launch/launcher.ts';
import { createLeftoverSweeps } from './leftover-sweeps.ts';
import { createLogKeeper } from './logs/log-keeper.ts';
import type { Owner } from './owner/owner.ts';
import { createOwners } from './owner/owners.ts';
import { createProbeLog } from './probe-log.ts';
import type { Prober } from './owner/prober.ts';
import { createRecords, fromRecord } from './owner/record.ts';
import type { InstanceRecord } from './owner/record.ts';
import type { InstanceChange } from './owner/instance-change.ts';
import type { Answer } from './machine/state.ts';
import { createMachine } from './machine/step.ts';

interface DesiredInstance {
  readonly spec: InstanceSpec;
  readonly desired: DesiredState;
}

interface EnsureReadyOptions {
  /** When it aborts, the call rejects with the reason; the start goes on. */
  readonly signal?: AbortSignal;
  /**
   * An operator's call clears a sticky failure, cuts a backoff short, and is answered by the first failed start. A
   * request's call waits for ready or failed and changes neither.
   */
  readonly by?: 'operator' | 'request';
}

interface EnsureStoppedOptions {
  readonly signal?: AbortSignal;
  /** No draining. */
  readonly force?: boolean;
}

export interface Supervisor extends AsyncDisposable {
  /** Reads the records of an earlier life, takes over what still runs, and begins to rotate logs. Once, before all else. */
  adopt(): Promise<void>;
  /**
   * The whole desired picture. A changed fingerprint restarts a running instance; what is not named is left alone.
   * Everything named is known when this returns.
   */
  apply(desired: readonly DesiredInstance[]): void;
  /**
   * Resolves with the report when the instance is ready; two callers cause one start. Rejects with an AppError:
   * INSTANCE_NOT_FOUND, INSTANCE_STOPPED (desired is stopped), or the failure of the start.
   */
  ensureReady(name: string, options?: EnsureReadyOptions): Promise<InstanceReport>;
  /** Resolves when nothing of the instance is left. Sets desired to stopped. */
  ensureStopped(name: string, options?: EnsureStoppedOptions): Promise<InstanceReport>;
  /**
   * Stops what runs and starts it again as one move of the owner; resolves with the report when the new launch is
   * ready. Rejects as `ensureReady` does.
   */
  restart(name: string, options?: EnsureStoppedOptions): Promise<InstanceReport>;
  /** Unloads one that is ready and whose slots are idle; a request wakes it. Throws INSTANCE_NOT_FOUND. */
  putToSleep(name: string): void;
  /** Stops every instance, in parallel, and starts none from then on. One that cannot be stopped keeps no other from it; then it rejects. */
  stopEverything(options?: EnsureStoppedOptions): Promise<void>;
  /** Drops a stopped instance and its record; one that runs is stopped first. Ends with `gone`. */
  forget(name: string): void;
  /** Requests went to these: they are not idle. Unknown names are passed over. */
  noteUsed(names: readonly string[]): void;
  /** Other machines may be called: those that failed because they might not start again. */
  noteOnline(): void;
  reports(): readonly InstanceReport[];
  /** Throws INSTANCE_NOT_FOUND. */
  specOf(name: string): InstanceSpec;
  /** The health checks since the last call. */
  takeProbes(): readonly ProbeRecord[];
  /** Every change of a report, in order. */
  readonly changes: Bus<InstanceChange>;
  /** Lets go: no engine is touched. */
  close(): Promise<void>;
}

interface SupervisorDeps {
  readonly engines: Engines;
  readonly devices: Pick<Devices, 'ledger' | 'readings' | 'refresh'>;
  readonly launcher: Launcher;
  readonly prober: Prober;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** `$DROVER_HOME`: records go to `agent/instances`, output to `logs/instances`. */
  readonly home: string;
  /** What engines inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the search for a free port begins. */
  readonly firstPort?: number;
}

const FIRST_PORT = 8001;
const LOG_BEAT_MS = 10_000;

export function createSupervisor(deps: SupervisorDeps): Supervisor {
  const { launcher, clock, home, log } = deps;
  const onError = (error: unknown): void => log.error({ error: String(error) }, 'supervisor failed');
  const scope = createScope(onError);
  const changes = createBus<InstanceChange>(onError);
  const records = createRecords(join(home, 'agent', 'instances'), log);
  const probes = createProbeLog();
  const sweeps = createLeftoverSweeps(launcher);
  const owners = createOwners({
    ...deps,
    firstPort: deps.firstPort ?? FIRST_PORT,
    records,
    isClear: (name) => sweeps.over(name),
    onChange: (change) => changes.publish(change),
    onProbe: (probe) => probes.add(probe),
  });

  const takeOver = async (record: InstanceRecord): Promise<void> => {
    const owner = owners.add(fromRecord(record));
    await owner.takeOver(await findLeftover(record, { launcher, clock, home }));
  };

  const keeper = createLogKeeper({ home, clock, log });
  const keepLogs = async (): Promise<void> => {
    for (const owner of owners.all()) await keeper.keep(owner.spec());
  };

  let isEnding = false;
  const assertStarts = (name: string): void => {
    if (isEnding) throw new AppError('INSTANCE_STOPPED', `${name} is not started: everything is being stopped`);
  };

  const supervisor: Supervisor = {
    changes,
    async adopt() {
      const { readable, unreadable } = records.readAll();
      sweeps.begin(unreadable);
      await Promise.all([...readable.map(takeOver), sweeps.allOver()]);
      scope.run(() => every(clock, LOG_BEAT_MS, scope.signal, keepLogs, onError));
    },
    apply(desired) {
      if (isEnding) return;
      const names = desired.map(({ spec }) => spec.name);
      const unknown = names.filter((name) => owners.get(name) === undefined && !sweeps.isKnown(name));
      if (unknown.length > 0) sweeps.begin(launcher.withMembers(unknown));
      for (const { spec, desired: wish } of desired) {
        const owner = owners.get(spec.name) ?? owners.add({ ...createMachine(spec, 'stopped'), forgotten: true });
        owner.post({ kind: 'declared', spec, desired: wish });
      }
    },
    async ensureReady(name, { signal, by = 'operator' } = {}) {
      assertStarts(name);
      const owner = owners.find(name);
      return reportAfter(owner, await owner.ask({ kind: 'ready-asked', by }, signal), name);
    },
    async ensureStopped(name, { signal, force = false } = {}) {
      const owner = owners.find(name);
      const before = owner.report();
      const answer = await owner.ask({ kind: 'stop-asked', force }, signal);
      return owner.report() ?? before ?? reportAfter(owner, answer, name);
    },
    async restart(name, { signal, force = false } = {}) {
      assertStarts(name);
      const owner = owners.find(name);
      return reportAfter(owner, await owner.ask({ kind: 'restart-asked', force }, signal), name);
    },
    putToSleep: (name) => owners.find(name).post({ kind: 'sleep-asked' }),
    async stopEverything(options = {}) {
      isEnding = true;
      const known = owners.reports().map((report) => supervisor.ensureStopped(report.name, options));
      const refused = (await Promise.allSettled(known)).find((stop) => stop.status === 'rejected');
      if (refused) throw refused.reason;
    },
    forget: (name) => owners.get(name)?.post({ kind: 'forgotten' }),
    noteUsed(names) {
      for (const name of names) owners.get(name)?.post({ kind: 'used' });
    },
    noteOnline: () => owners.all().forEach((owner) => owner.post({ kind: 'online' })),
    specOf: (name) => owners.find(name).spec(),
    takeProbes: () => probes.take(),
    reports: () => owners.reports(),
    async close() {
      await scope.close();
      await Promise.all(owners.all().map((owner) => owner.close()));
    },
    [Symbol.asyncDispose]: () => supervisor.close(),
  };
  return supervisor;
}

function reportAfter(owner: Owner, answer: Answer, name: string): InstanceReport {
  if (answer.kind === 'failure') throw toError(answer.failure);
  const report = owner.report();
  if (report === null) throw toError(unknownInstanceFailure(name));
  return report;
}
