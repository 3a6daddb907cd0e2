/**
 * What an operator may do with the instances of this controller: it resolves configs to specs, stores what shall run,
 * and asks the owner, the supervisor in the agent, to make it so. How they are shown is `instance-views.ts`.
 */

import { AppError, BRAIN_INSTANCE } from '../../contract/index.ts';
import type { InstanceDetailView, InstanceView, SpawnRequest } from '../../contract/index.ts';
import type { Log } from '../../kernel/index.ts';
import type { BrainInstance } from './brain-instance.ts';
import type { Declarations } from './declarations.ts';
import type { DesiredInstance } from './desired.ts';
import type { EphemeralInstances } from './ephemeral-instances.ts';
import type { Hosts } from '../hosts/hosts.ts';
import { createInstanceConfigs } from './instance-configs.ts';
import { createInstanceStart } from './instance-start.ts';
import type { StartOptions } from './instance-start.ts';
import { createInstanceStop } from './instance-stop.ts';
import { hasEngine } from './instance-view.ts';
import type { InstanceViews } from './instance-views.ts';
import type { SpecResolver } from '../specs/spec-resolver.ts';

export interface InstanceDirectory {
  list(): Promise<readonly InstanceView[]>;
  describe(name: string): Promise<InstanceDetailView>;
  /** Rejects with INSTANCE_NOT_FOUND, CONFIG_INVALID, MODEL_…, PORT_TAKEN, ENGINE_…, MEMORY_INSUFFICIENT or TIMEOUT. */
  start(name: string, options: StartOptions): Promise<InstanceView>;
  /** As `start`, for what shall run already: what is drained stays so. */
  restore(name: string, options: StartOptions): Promise<InstanceView>;
  /** Makes an ephemeral instance that stays until it is stopped. Rejects as `start` does, and then nothing is left of it. */
  spawn(wanted: SpawnRequest): Promise<InstanceView>;
  /** Resolves when nothing of the instance is left. An ephemeral one is forgotten then. */
  stop(name: string, options: { readonly force: boolean }): Promise<InstanceView>;
  /** Resolves when a new launch, with the config as it is now, is ready. Rejects as `start` does. */
  restart(name: string, options: StartOptions): Promise<InstanceView>;
  /** It gets no new requests until it is started or restarted; resolves when none is in flight, rejects with TIMEOUT. */
  drain(name: string, options: { readonly timeoutMs: number }): Promise<InstanceView>;
  /** An orphan, or an ephemeral instance, becomes one with a config; what runs is not touched. */
  adopt(name: string): Promise<InstanceView>;
  /** Stops it, then removes its config and its record. */
  remove(name: string): Promise<{ readonly removed: string }>;
  /** Throws INSTANCE_NOT_FOUND. */
  assertKnown(name: string): void;
  /** What is stored as wanted, for the agents and the gateway. */
  declared(): readonly DesiredInstance[];
}

interface InstanceDirectoryDeps {
  readonly home: string;
  readonly declarations: Declarations;
  readonly views: InstanceViews;
  readonly ephemerals: Pick<EphemeralInstances, 'remove' | 'spawn'>;
  readonly hosts: () => Pick<Hosts, 'localHost' | 'call' | 'inspect' | 'forgetInstance'>;
  readonly specs: Pick<SpecResolver, 'resolve'>;
  readonly brain: Pick<BrainInstance, 'problem'>;
  /** Resolves when no request of the instance is in flight; rejects with TIMEOUT. */
  readonly untilIdle: (name: string, timeoutMs: number) => Promise<void>;
  readonly log: Log;
}

export function createInstanceDirectory(deps: InstanceDirectoryDeps): InstanceDirectory {
  const { declarations, views } = deps;
  const configs = createInstanceConfigs(deps);
  const startKnown = createInstanceStart({ ...deps, configs });
  const stopKnown = createInstanceStop(deps);

  /** The brain's own instance is not there when its setting cannot be used: then it says why. */
  function assertKnown(name: string): void {
    const trouble = name === BRAIN_INSTANCE && !views.names().includes(name) ? deps.brain.problem() : null;
    if (trouble === null) return views.assertKnown(name);
    const hint = 'run "drover config set brain model=MODEL,devices=ID", then "drover daemon restart"';
    throw new AppError('INSTANCE_NOT_FOUND', `no instance is named "${name}": ${trouble}`, { hint });
  }

  const bringUp =
    (verb: keyof typeof startKnown) =>
    async (name: string, options: StartOptions): Promise<InstanceView> => {
      assertKnown(name);
      return startKnown[verb](name, options);
    };

  async function stop(name: string, options: { readonly force: boolean }): Promise<InstanceView> {
    assertKnown(name);
    return stopKnown(name, options);
  }

  /** What is declared, or what its agent knows of an engine of which nothing is. */
  async function entryOf(name: string): Promise<DesiredInstance> {
    const entry = declarations.get(name);
    if (entry !== null) return entry;
    const { spec } = await deps.hosts().inspect(deps.hosts().localHost, name);
    return { spec, desired: 'running', config: null, drained: false, ephemeral: false };
  }

  return {
    assertKnown,
    declared: () => declarations.all(),
    list: () => Promise.all(views.names().map((name) => views.view(name))),
    async describe(name) {
      assertKnown(name);
      return views.describe(name);
    },
    start: bringUp('start'),
    restore: bringUp('restore'),
    restart: bringUp('restart'),
    spawn: async (wanted) => views.view(await deps.ephemerals.spawn(wanted)),
    stop,
    async drain(name, { timeoutMs }) {
      assertKnown(name);
      const entry = declarations.get(name);
      if (entry?.desired === 'running' && !entry.drained) await declarations.declare({ ...entry, drained: true });
      await deps.untilIdle(name, timeoutMs);
      return views.view(name);
    },
    async adopt(name) {
      assertKnown(name);
      if (declarations.get(name) === null && !hasEngine(views.reportOf(name))) return views.view(name);
      const entry = await entryOf(name);
      await declarations.declare({ ...entry, config: configs.ensure(name, entry), ephemeral: false });
      return views.view(name);
    },
    async remove(name) {
      await stop(name, { force: false });
      // Before it is forgotten: names are read again then, and a config alone is a stopped instance.
      configs.remove(name);
      await declarations.forget(name);
      deps.hosts().forgetInstance(deps.hosts().localHost, name);
      return { removed: name };
    },
  };
}
