/** The controller's parts around instances: what shall run, what was seen of it, how it is shown, and who wakes it. */

import { loadInstance } from '../config/index.ts';
import type { HomePaths, LiveSettings } from '../config/index.ts';
import { BRAIN_INSTANCE } from '../contract/index.ts';
import {
  createBrainInstance,
  createEphemeralInstances,
  createInstanceDirectory,
  createInstanceWake,
  createModelPools,
  createUseNotes,
  isLeftover,
  specOfModel,
} from '../fleet/index.ts';
import type {
  AutoPull,
  BrainInstance,
  EphemeralInstances,
  Hosts,
  InstanceDirectory,
  InstanceEvent,
  ModelNames,
  ModelPools,
  ModelRegistry,
  UseNotes,
} from '../fleet/index.ts';
import type { Gateway, Wake } from '../gateway/index.ts';
import type { Clock, Log } from '../kernel/index.ts';
import type { Store } from '../store/index.ts';
import { composeKnownInstances } from './compose-known-instances.ts';
import type { KnownInstances } from './compose-known-instances.ts';
import { composeRoom } from './compose-room.ts';
import type { Room, RoomDeps } from './compose-room.ts';
import { createLocalHost } from './local-host.ts';
import type { LocalHost } from './local-host.ts';

export interface InstanceParts extends KnownInstances {
  readonly directory: InstanceDirectory;
  readonly ephemerals: EphemeralInstances;
  readonly brain: BrainInstance;
  readonly uses: UseNotes;
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

/** What every part here is built from. */
interface Around extends InstancePartsDeps {
  readonly home: string;
  readonly host: LocalHost;
}

export async function composeInstances(deps: InstancePartsDeps): Promise<InstanceParts> {
  const { paths, clock, hosts, gateway } = deps;
  const around: Around = {
    ...deps,
    home: paths.home,
    host: createLocalHost(hosts),
    log: deps.log.child({ component: 'instances' }),
  };
  const { host } = around;
  const known = await composeKnownInstances({ ...around, brainTrouble: () => made.brain.trouble() });
  const { declarations, specs } = known;
  const made = composeMadeInstances(around, known);
  const directory = createInstanceDirectory({
    ...around,
    ...known,
    ...made,
    untilIdle: (name, timeoutMs) => gateway().untilIdle(name, timeoutMs),
  });
  const room = composeRoom({ ...around, declarations });
  const uses = createUseNotes({
    clock,
    maySleep: (name) => (declarations.get(name)?.spec.idleTtlMs ?? null) !== null,
    isBusy: (name) => gateway().loadOf(name).busySlots > 0,
    tell: host.noteUsed,
  });
  const wake = createInstanceWake({
    ...around,
    ...made,
    declarations,
    room,
    specOf: (modelId) => specOfModel(modelId, specs),
  });
  const pools = createModelPools({
    ...around,
    names: { resolve: (name) => deps.names().resolve(name) },
    declarations,
    directory,
    specs,
    untilReady: host.bringUp,
  });
  const parts = { ...known, ...made, directory, room, uses, wake, pools };
  return { ...parts, onEvent: (event) => heard(event, around, parts) };
}

/** Instances that nobody need write a config for: ephemeral ones, and the brain's own. */
function composeMadeInstances(
  { home, settings, names, host, log }: Around,
  { declarations, specs, views }: KnownInstances,
): Pick<InstanceParts, 'ephemerals' | 'brain'> {
  const { devices, forget, bringUp } = host;
  const ephemerals = createEphemeralInstances({
    declarations,
    specs,
    takenNames: () => [...views.names(), ...aliasesOf(names())],
    idleTtlMs: () => settings.current().ephemeralIdleTtlMs,
    devices,
    bringUp,
    forget,
    log,
  });
  const brain = createBrainInstance({
    setting: settings.current().brain,
    declarations,
    specs,
    isConfigured: () => loadInstance(home, BRAIN_INSTANCE).kind !== 'absent',
    isKnown: () => names().resolve(BRAIN_INSTANCE) !== null,
    reportOf: (name) => views.reportOf(name),
    forget,
    push: host.pushDesired,
    log,
  });
  return { ephemerals, brain };
}

/** What an agent tells of an instance, to all whom it concerns. */
function heard(
  event: InstanceEvent,
  { home, host, gateway }: Around,
  { declarations, history, ephemerals, brain, needs, room }: Omit<InstanceParts, 'onEvent'>,
): void {
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
  if (isLeftover(report, { declared: declarations.get(name), loaded: loadInstance(home, name) })) host.forget(name);
}

function aliasesOf(names: ModelNames): readonly string[] {
  return names.list().flatMap(({ kind, name }) => (kind === 'alias' ? [name] : []));
}
