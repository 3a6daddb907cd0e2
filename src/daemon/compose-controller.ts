/** The controller's graph: every part built once, started leaves first, stopped in reverse. Knows no argv and no lock. */

import { hostname } from 'node:os';

import type { DaemonControl } from '../api/index.ts';
import type { Brain, TrainingLog } from '../brain/index.ts';
import type { HomePaths, LiveSettings } from '../config/index.ts';
import {
  createDeviceKeeper,
  createDevicePolicies,
  createHosts,
  createModelNames,
  keepDecisionLog,
  keepFactsFresh,
  keepLocalAgent,
} from '../fleet/index.ts';
import type {
  AgentProgram,
  DeviceKeeper,
  DevicePolicies,
  Hosts,
  InstanceDirectory,
  ModelNames,
  ModelPools,
} from '../fleet/index.ts';
import { createDurableRequests } from '../gateway/index.ts';
import type { DurableRequests, Gateway } from '../gateway/index.ts';
import { createScope, lockHolder, systemClock, systemRandom } from '../kernel/index.ts';
import type { Clock, Log, Scope } from '../kernel/index.ts';
import { openStore } from '../store/index.ts';
import type { Store } from '../store/index.ts';
import type { Telemetry } from '../telemetry/index.ts';
import { createAutostart } from './autostart.ts';
import type { Autostart } from './autostart.ts';
import { settlingBrainModel, withBrainModelFirst } from './brain-model-first.ts';
import { composeBrain } from './compose-brain.ts';
import { composeDoors } from './compose-doors.ts';
import { composeGateway } from './compose-gateway.ts';
import { composeInstances } from './compose-instances.ts';
import type { InstanceParts } from './compose-instances.ts';
import { composeModels } from './compose-models.ts';
import type { ModelParts } from './compose-models.ts';
import { composeTelemetry } from './compose-telemetry.ts';

interface ControllerOptions {
  readonly paths: HomePaths;
  readonly settings: LiveSettings;
  readonly version: string;
  readonly log: Log;
  /** The agent program of this machine. */
  readonly localAgent: AgentProgram;
  /** Somebody asked over the API to end; `all`: engines and workers too. */
  readonly onStop: DaemonControl['stop'];
}

export interface Controller {
  /** Of the front door. */
  readonly url: string;
  readonly hosts: Hosts;
  /** Lets go of everything; engines and workers live on. */
  close(): Promise<void>;
}

interface Parts extends ModelParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly fleet: InstanceParts;
  readonly instances: InstanceDirectory;
  readonly pools: ModelPools;
  readonly names: ModelNames;
  readonly hosts: Hosts;
  readonly policies: DevicePolicies;
  readonly deviceKeeper: DeviceKeeper;
  readonly telemetry: Telemetry;
  readonly gateway: Gateway;
  readonly tasks: DurableRequests;
  readonly brain: Brain;
  readonly training: TrainingLog;
  readonly autostart: Autostart;
}

/** Resolves when both doors listen. Rejects with PORT_TAKEN, STORE_FAILED …; nothing is left open then. */
export async function composeController(options: ControllerOptions): Promise<Controller> {
  const scope = createScope((error) => options.log.error({ err: error }, 'controller task failed'));
  let url = '';
  try {
    const parts = await buildParts(options, scope, () => url);
    const doors = await composeDoors({ ...options, parts, scope, url: () => url });
    url = await doors.listenTcp();
    // It loads while the parts recover.
    if (options.settings.current().localAgent) scope.run(() => keepAgent(options, parts, scope));
    await startParts(parts, scope);
    await doors.listenSocket();
    // Links are connections through the socket: its door does not close before they end.
    scope.defer(async () => parts.hosts[Symbol.asyncDispose]());
    scope.run(() =>
      withBrainModelFirst(parts.fleet.brain, scope.signal, () => parts.autostart.run(parts.instances, scope.signal)),
    );
    parts.telemetry.start();
    scope.run(() => forgetOldFacts(options, parts, scope));
    scope.run(() => mirrorDecisions(options, parts, scope));
    return { url, hosts: parts.hosts, close: () => scope.close() };
  } catch (error) {
    await scope.close();
    throw error;
  }
}

async function buildParts(options: ControllerOptions, scope: Scope, url: () => string): Promise<Parts> {
  const { paths, version, log } = options;
  const settings = options.settings.current();
  const clock = systemClock;
  const store = await openStore({ url: settings.databaseUrl, log: log.child({ component: 'store' }), clock });
  scope.defer(() => store.close());

  const namesChanged = (): void => {
    names.refresh();
    gateway.onDirectoryChanged();
    brain.onInferenceChanged();
  };
  const modelParts = await composeModels({
    ...options,
    store,
    clock,
    scope,
    localHost: hostname(),
    hosts: () => hosts,
    running: () =>
      declarations
        .all()
        .flatMap(({ spec, desired }) => (desired === 'running' ? [{ name: spec.name, modelId: spec.model.id }] : [])),
    onChange: namesChanged,
  });
  const { models, autoPull } = modelParts;
  const fleet = await composeInstances({
    paths,
    store,
    clock,
    log,
    models,
    autoPull,
    settings: options.settings,
    names: () => names,
    hosts: () => hosts,
    gateway: () => gateway,
    onNamesChanged: namesChanged,
    onSwapped: (swap) => telemetry.hear({ kind: 'model-swapped', ...swap }),
  });
  const { declarations, history } = fleet;
  const names = createModelNames({ home: paths.home, clock, declared: () => declarations.all(), models, autoPull });
  const policies = createDevicePolicies({
    store,
    clock,
    onChange: (host) => hosts.pushPolicies(host),
    onError: (error) => log.error({ err: error }, 'a reservation could not be ended'),
  });
  scope.defer(async () => policies[Symbol.dispose]());
  const hosts = createHosts({
    policies,
    store,
    clock,
    log: log.child({ component: 'fleet' }),
    version,
    localHost: hostname(),
    desired: () => autostart.admitted(fleet.brain.admitted(declarations.all())),
    onProbes: (probes) => history.onProbes(probes),
    onFetching: (progress) => modelParts.modelDownloads.onProgress(progress),
  });
  const autostart = createAutostart({
    paths,
    declared: declarations.all(),
    sleeps: (name) => history.lastKnown(name)?.state === 'asleep',
    push: () => hosts.pushDesired(hosts.localHost),
    log: log.child({ component: 'autostart' }),
  });
  const telemetry = composeTelemetry({
    ...options,
    scope,
    store,
    names,
    hosts,
    gateway: () => gateway,
    brain: () => brain,
  });
  const gateway = composeGateway({ ...options, clock, names, fleet, hosts, telemetry, url });
  const tasks = createDurableRequests({
    gateway,
    store,
    clock,
    random: systemRandom,
    log: log.child({ component: 'tasks' }),
    isDownloaded: (model) => models.all().get(model)?.state === 'ready',
    keepDays: () => options.settings.current().tasksKeepDays,
  });
  const { brain, training } = composeBrain({
    ...options,
    store,
    clock,
    models,
    names,
    fleet,
    hosts,
    policies,
    gateway,
  });
  const deviceKeeper = createDeviceKeeper({ hosts, policies, clock });
  return {
    store,
    clock,
    ...modelParts,
    fleet,
    instances: fleet.directory,
    pools: fleet.pools,
    names,
    hosts,
    policies,
    deviceKeeper,
    telemetry,
    gateway,
    tasks,
    brain,
    training,
    autostart,
  };
}

async function startParts(
  { names, hosts, policies, gateway, tasks, brain, fleet, autostart, modelDownloads }: Parts,
  scope: Scope,
): Promise<void> {
  names.refresh();
  scope.defer(() => fleet.history.close());
  for (const name of autostart.dismissed) await fleet.ephemerals.remove(name);
  const events = hosts.instanceEvents.subscribe((event) => {
    fleet.onEvent(event);
    brain.onInferenceChanged();
  });
  scope.defer(() => events[Symbol.dispose]());
  scope.defer(() => fleet.uses[Symbol.dispose]());
  scope.defer(() => gateway.close());
  scope.defer(async () => tasks.close());
  await policies.recall();
  await brain.start();
  scope.defer(() => brain.stop());
  await hosts.start(settlingBrainModel(brain, { model: fleet.brain, localHost: hosts.localHost, scope }));
  scope.defer(async () => hosts[Symbol.asyncDispose]());
  await modelDownloads.resume();
  scope.run(() => tasks.resume(scope.signal));
}

function keepAgent(
  { paths, log, localAgent }: ControllerOptions,
  { hosts, clock }: Parts,
  scope: Scope,
): Promise<void> {
  return keepLocalAgent({
    clock,
    log,
    signal: scope.signal,
    isConnected: () => hosts.connected().includes(hosts.localHost),
    holder: () => lockHolder(paths.agentLock),
    program: localAgent,
  });
}

function forgetOldFacts({ settings, log }: ControllerOptions, { store, clock }: Parts, scope: Scope): Promise<void> {
  const keepDays = (): number => settings.current().factsKeepDays;
  return keepFactsFresh({ store, clock, log, signal: scope.signal, keepDays });
}

function mirrorDecisions({ paths, log }: ControllerOptions, { store, clock }: Parts, scope: Scope): Promise<void> {
  return keepDecisionLog({ store, clock, log, path: paths.decisionLog, signal: scope.signal });
}
