/**
 * The instances of this controller: their config files, what shall run (stored), and what runs (the agents' reports).
 * It resolves configs to specs and asks the owner, the supervisor in the agent, to make it so.
 */

import { rmSync } from 'node:fs';
import { dirname } from 'node:path';

import { instanceConfigFile, invalidConfig, listInstanceNames, loadInstance } from '../config/index.ts';
import type { LoadedInstance } from '../config/index.ts';
import { AppError, subject } from '../contract/index.ts';
import type {
  DesiredState,
  Fact,
  InstanceDetailView,
  InstanceReport,
  InstanceSpec,
  InstanceView,
} from '../contract/index.ts';
import { didYouMean, isoTime } from '../kernel/index.ts';
import type { Clock, Log } from '../kernel/index.ts';
import { declareInstance, latestFacts, listInstances, removeInstance } from '../store/index.ts';
import type { Store } from '../store/index.ts';
import type { DesiredInstance } from './desired.ts';
import type { Hosts } from './hosts.ts';
import { toInstanceView, toReportView } from './instance-view.ts';
import type { SpecResolver } from './spec-resolver.ts';

export interface StartOptions {
  /** False: answer when the agent has been told. */
  readonly wait: boolean;
  readonly timeoutMs: number;
}

export interface InstanceDirectory {
  list(): Promise<readonly InstanceView[]>;
  describe(name: string): Promise<InstanceDetailView>;
  /** Rejects with INSTANCE_NOT_FOUND, CONFIG_INVALID, MODEL_…, PORT_TAKEN, ENGINE_…, MEMORY_INSUFFICIENT or TIMEOUT. */
  start(name: string, options: StartOptions): Promise<InstanceView>;
  /** Resolves when nothing of the instance is left. */
  stop(name: string, options: { readonly force: boolean }): Promise<InstanceView>;
  restart(name: string, options: StartOptions): Promise<InstanceView>;
  /** Stops it, then removes its config and its record. */
  remove(name: string): Promise<{ readonly removed: string }>;
  /** Throws INSTANCE_NOT_FOUND. */
  assertKnown(name: string): void;
  /** What is stored as wanted, for the agents and the gateway. */
  declared(): readonly DesiredInstance[];
}

export interface InstanceDirectoryDeps {
  readonly home: string;
  readonly store: Store;
  readonly hosts: () => Hosts;
  readonly specs: SpecResolver;
  readonly busySlots: (name: string) => number;
  readonly clock: Clock;
  readonly log: Log;
  /** The set of declared instances has changed. */
  readonly onChange: () => void;
}

const FACTS_SHOWN = 20;
/** Beyond drain and grace: the time the agent gets to verify that nothing is left. */
const STOP_MARGIN_MS = 15_000;

export async function createInstanceDirectory(deps: InstanceDirectoryDeps): Promise<InstanceDirectory> {
  const { home, store, clock } = deps;
  const declared = new Map<string, DesiredInstance>();
  for (const row of await store.read(listInstances)) {
    if (row.spec !== null) declared.set(row.name, { spec: row.spec, desired: row.desired });
  }

  function names(): string[] {
    return [...new Set([...listInstanceNames(home), ...declared.keys()])].toSorted();
  }

  function assertKnown(name: string): void {
    if (declared.has(name) || loadInstance(home, name).kind !== 'absent') return;
    throw new AppError('INSTANCE_NOT_FOUND', `no instance is named "${name}"`, {
      hint: didYouMean(name, names()) ?? `run "drover ps", or make one: "drover init ${name}"`,
    });
  }

  function reportOf(name: string): InstanceReport | null {
    return deps.hosts().instances().get(name) ?? null;
  }

  function view(name: string): InstanceView {
    return toInstanceView({
      name,
      loaded: loadInstance(home, name),
      declared: declared.get(name) ?? null,
      report: reportOf(name),
      busySlots: deps.busySlots(name),
      now: clock.now(),
    });
  }

  async function declare(name: string, desired: DesiredState, spec: InstanceSpec): Promise<void> {
    await store.write(async (tx) => {
      await declareInstance(tx, { name, desired, spec });
      tx.record({
        type: 'instance.declared',
        subject: subject.instance(name),
        data: { desired, fingerprint: spec.fingerprint },
      });
    });
    declared.set(name, { spec, desired });
    deps.onChange();
    deps.hosts().pushDesired(deps.hosts().localHost);
  }

  async function start(name: string, options: StartOptions): Promise<InstanceView> {
    assertKnown(name);
    const spec = await deps.specs.resolve(usable(name, loadInstance(home, name)), reportOf(name));
    await declare(name, 'running', spec);
    const hosts = deps.hosts();
    const ready = hosts.call(
      hosts.localHost,
      { op: 'ensure-ready', name, by: 'operator' },
      { timeoutMs: options.timeoutMs },
    );
    if (options.wait) await ready;
    else ready.catch((error: unknown) => deps.log.warn({ err: error, instance: name }, 'start failed'));
    return view(name);
  }

  async function stop(name: string, { force }: { force: boolean }): Promise<InstanceView> {
    assertKnown(name);
    const entry = declared.get(name);
    if (!entry) return view(name);
    await declare(name, 'stopped', entry.spec);
    const hosts = deps.hosts();
    const { drainMs, graceMs } = entry.spec.stop;
    const timeoutMs = drainMs + graceMs + STOP_MARGIN_MS;
    await hosts.call(hosts.localHost, { op: 'ensure-stopped', name, force }, { timeoutMs });
    return view(name);
  }

  async function describe(name: string): Promise<InstanceDetailView> {
    assertKnown(name);
    const loaded = loadInstance(home, name);
    const report = reportOf(name);
    const checked = loaded.kind === 'ok' ? await deps.specs.inspect(loaded, report) : null;
    return {
      view: view(name),
      config_file: loaded.file,
      config: loaded.kind === 'ok' ? loaded.config : null,
      problems: loaded.kind === 'invalid' ? loaded.problems : (checked?.problems ?? []),
      needs_restart: report?.pid != null && checked?.spec != null && checked.spec.fingerprint !== report.fingerprint,
      report: report && toReportView(report),
      memory_estimate: checked?.memoryEstimate ?? [],
      memory_observed_bytes: null,
      health_history: [],
      facts: (await store.read((db) => latestFacts(db, subject.instance(name), FACTS_SHOWN))).map(toView),
    };
  }

  return {
    assertKnown,
    describe,
    start,
    stop,
    declared: () => [...declared.values()],
    list: async () => names().map(view),
    async restart(name, options) {
      await stop(name, { force: false });
      return start(name, options);
    },
    async remove(name) {
      await stop(name, { force: false });
      await store.write(async (tx) => {
        await removeInstance(tx, name);
        tx.record({ type: 'instance.removed', subject: subject.instance(name), data: {} });
      });
      declared.delete(name);
      deps.hosts().forgetInstance(deps.hosts().localHost, name);
      rmSync(dirname(instanceConfigFile(home, name)), { recursive: true, force: true });
      deps.onChange();
      return { removed: name };
    },
  };
}

/** The config, or the error that says why it cannot be used. */
function usable(name: string, loaded: LoadedInstance): Extract<LoadedInstance, { kind: 'ok' }> {
  if (loaded.kind === 'ok') return loaded;
  if (loaded.kind === 'absent') {
    throw new AppError('CONFIG_INVALID', `${name} has no config at ${loaded.file}`, {
      hint: `run "drover init ${name} --force"`,
    });
  }
  throw invalidConfig(loaded.problems, `run "drover config validate ${name}"`);
}

function toView(fact: Fact): InstanceDetailView['facts'][number] {
  return { ...fact, at: isoTime(fact.at) };
}
