/** The controller's parts around instances: what shall run, what was seen of it, how it is shown, and who wakes it. */

import { loadInstance } from '../config/index.ts';
import type { HomePaths, LiveSettings } from '../config/index.ts';
import { BRAIN_INSTANCE } from '../contract/index.ts';
import type { InstanceSpec } from '../contract/index.ts';
import { backendFor } from '../devices/index.ts';
import { createEngines } from '../engines/index.ts';
import {
  createBrainInstance,
  createDeclarations,
  createEphemeralInstances,
  createInstanceDirectory,
  createInstanceHistory,
  createInstanceViews,
  createInstanceWake,
  createModelNeeds,
  createModelPools,
  createSpecResolver,
  createUseNotes,
  isLeftover,
  specOfModel,
  untilReady,
} from '../fleet/index.ts';
import type {
  AutoPull,
  BrainInstance,
  Declarations,
  EphemeralInstances,
  Hosts,
  InstanceDirectory,
  InstanceEvent,
  InstanceHistory,
  ModelNames,
  ModelNeeds,
  ModelPools,
  ModelRegistry,
  UseNotes,
} from '../fleet/index.ts';
import type { Gateway, Wake } from '../gateway/index.ts';
import type { Clock, Log } from '../kernel/index.ts';
import type { Store } from '../store/index.ts';
import { composeRoom } from './compose-room.ts';
import type { Room, RoomDeps } from './compose-room.ts';

export interface InstanceParts {
  readonly declarations: Declarations;
  readonly history: InstanceHistory;
  readonly directory: InstanceDirectory;
  readonly ephemerals: EphemeralInstances;
  readonly brain: BrainInstance;
  readonly uses: UseNotes;
  readonly needs: ModelNeeds;
  readonly wake: Wake;
  readonly room: Room;
  readonly pools: ModelPools;
  /** What an agent tells of an instance. */
  onEvent(event: InstanceEvent): void;
}

interface InstancePartsDeps {
  readonly paths: HomePaths;
  readonly settings: LiveSettings;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly models: ModelRegistry;
  readonly autoPull: AutoPull;
  readonly names: () => ModelNames;
  readonly hosts: () => Hosts;
  readonly gateway: () => Gateway;
  /** What a name means may have changed. */
  readonly onNamesChanged: () => void;
  readonly onSwapped: RoomDeps['onSwapped'];
}

export async function composeInstances(deps: InstancePartsDeps): Promise<InstanceParts> {
  const { paths, store, clock, hosts, gateway } = deps;
  const { home } = paths;
  const log = deps.log.child({ component: 'instances' });
  const history = await createInstanceHistory({ store, log });
  const declarations = await createDeclarations({
    store,
    onChange(name) {
      if (declarations.get(name) === null) history.forget(name);
      deps.onNamesChanged();
      hosts().pushDesired(hosts().localHost);
    },
  });
  const specs = createSpecResolver({
    home,
    models: deps.models,
    engines: createEngines({ home, environment: process.env }),
    autoBackend: () => backendOf(hosts()),
    devices: () => hosts().devicesOf(hosts().localHost),
  });
  const needs = createModelNeeds({ home, specs, onRead: deps.onNamesChanged, log });
  const views = createInstanceViews({
    home,
    store,
    clock,
    hosts,
    declarations,
    history,
    specs,
    load: (name) => gateway().loadOf(name),
    observedMemory: (name) => observedMemory(hosts(), name),
  });
  const forget = (name: string): void => hosts().forgetInstance(hosts().localHost, name);
  const ephemerals = createEphemeralInstances({
    home,
    declarations,
    specs,
    takenNames: () => [...views.names(), ...aliasesOf(deps.names())],
    idleTtlMs: () => deps.settings.current().ephemeralIdleTtlMs,
    devices: () => hosts().devicesOf(hosts().localHost),
    bringUp: (spec) => untilReady(hosts(), spec, 'operator'),
    forget,
    log,
  });
  const brain = createBrainInstance({
    home,
    setting: deps.settings.current().brain,
    declarations,
    specs,
    isConfigured: () => loadInstance(home, BRAIN_INSTANCE).kind !== 'absent',
    isKnown: () => deps.names().resolve(BRAIN_INSTANCE) !== null,
    reportOf: (name) => views.reportOf(name),
    forget,
    push: () => hosts().pushDesired(hosts().localHost),
    log,
  });
  const directory = createInstanceDirectory({
    home,
    declarations,
    views,
    ephemerals,
    hosts,
    specs,
    untilIdle: (name, timeoutMs) => gateway().untilIdle(name, timeoutMs),
    log,
  });
  const room = composeRoom({ ...deps, log, declarations });
  const uses = createUseNotes({
    clock,
    maySleep: (name) => (declarations.get(name)?.spec.idleTtlMs ?? null) !== null,
    isBusy: (name) => gateway().loadOf(name).busySlots > 0,
    tell: (names) => hosts().noteUsed(hosts().localHost, names),
  });
  return {
    declarations,
    history,
    directory,
    ephemerals,
    brain,
    uses,
    needs,
    wake: createInstanceWake({
      hosts,
      declarations,
      ephemerals,
      autoPull: deps.autoPull,
      room,
      specOf: (modelId) => specOfModel(modelId, { home, specs }),
    }),
    room,
    pools: createModelPools({
      home,
      names: { resolve: (name) => deps.names().resolve(name) },
      declarations,
      directory,
      specs,
      gateway,
      untilReady: (spec) => untilReady(hosts(), spec, 'operator'),
    }),
    onEvent(event) {
      if (event.kind === 'gone') {
        brain.onGone(event.name);
        gateway().onInstanceGone(event.name);
        return room.look();
      }
      const { report, adopted } = event;
      gateway().onInstance(report);
      room.look();
      history.onReport(report, { adopted });
      ephemerals.onReport(report);
      brain.onReport(report);
      needs.onReport(report);
      const { name } = report;
      if (isLeftover(report, { declared: declarations.get(name), loaded: loadInstance(home, name) })) forget(name);
    },
  };
}

/** An agent that does not answer measures nothing. */
async function observedMemory(hosts: Hosts, name: string): Promise<number | null> {
  if (!hosts.connected().includes(hosts.localHost)) return null;
  return hosts.inspect(hosts.localHost, name).then(
    ({ memoryBytes }) => memoryBytes,
    () => null,
  );
}

function aliasesOf(names: ModelNames): readonly string[] {
  return names.list().flatMap(({ kind, name }) => (kind === 'alias' ? [name] : []));
}

/** `auto` means the cards when there are some. */
function backendOf(hosts: Hosts): InstanceSpec['gpu']['backend'] {
  const backends = hosts.devicesOf(hosts.localHost).map(backendFor);
  return (['cuda', 'rocm', 'metal', 'vulkan'] as const).find((backend) => backends.includes(backend)) ?? 'cpu';
}
