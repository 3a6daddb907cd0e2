/** The controller's graph: every part built once, started leaves first, stopped in reverse. Knows no argv and no lock. */

import { hostname } from 'node:os';

import { createPolicies } from '../agent/index.ts';
import { createApiServers } from '../api/index.ts';
import type { DaemonControl } from '../api/index.ts';
import { createBrain, createBrainModel, createTrainingLog } from '../brain/index.ts';
import type { AgentPort, Brain, TrainingLog } from '../brain/index.ts';
import type { HomePaths, LiveSettings, Reloaded, Settings } from '../config/index.ts';
import type { ReloadView } from '../contract/index.ts';
import { createEngines, listEngines } from '../engines/index.ts';
import {
  modelDigest,
  createDeviceKeeper,
  createDevicePolicies,
  createHosts,
  createModelNames,
  createModelPlacer,
  createModelRegistry,
  createPlanShelf,
  keepDecisionLog,
  keepFactsFresh,
  keepLocalAgent,
  quarantine,
} from '../fleet/index.ts';
import type {
  DeviceKeeper,
  DevicePolicies,
  Hosts,
  InstanceDirectory,
  ModelNames,
  ModelRegistry,
} from '../fleet/index.ts';
import { createGateway } from '../gateway/index.ts';
import type { Gateway, GatewayLimits } from '../gateway/index.ts';
import { createScope, lockHolder, systemClock, systemRandom } from '../kernel/index.ts';
import type { Clock, Log, Scope } from '../kernel/index.ts';
import { openStore } from '../store/index.ts';
import type { Store } from '../store/index.ts';
import { createAutostart } from './autostart.ts';
import type { Autostart } from './autostart.ts';
import { brainNames, settlingBrainModel, withBrainModelFirst } from './brain-model-first.ts';
import { composeInstances } from './compose-instances.ts';
import type { InstanceParts } from './compose-instances.ts';
import { createDaemonControl } from './daemon-control.ts';
import { closeServer, listenSocket, listenTcp } from './listen.ts';

export interface ControllerOptions {
  readonly paths: HomePaths;
  readonly settings: LiveSettings;
  readonly version: string;
  readonly log: Log;
  /** Starts the agent program of this machine, detached. */
  readonly startAgent: () => void;
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

interface Parts {
  readonly store: Store;
  readonly clock: Clock;
  readonly models: ModelRegistry;
  readonly fleet: InstanceParts;
  readonly instances: InstanceDirectory;
  readonly names: ModelNames;
  readonly hosts: Hosts;
  readonly policies: DevicePolicies;
  readonly deviceKeeper: DeviceKeeper;
  readonly gateway: Gateway;
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
    const doors = await openDoors(options, parts, scope, () => url);
    url = await doors.listenTcp();
    await startParts(parts, scope);
    await doors.listenSocket();
    // Links are connections through the socket: its door does not close before they end.
    scope.defer(async () => parts.hosts[Symbol.asyncDispose]());
    if (options.settings.current().localAgent) scope.run(() => keepAgent(options, parts, scope));
    scope.run(() =>
      withBrainModelFirst(parts.fleet.brain, scope.signal, () => parts.autostart.run(parts.instances, scope.signal)),
    );
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
  const models = await createModelRegistry({ store, modelsFolder: paths.models, onChange: namesChanged });
  const fleet = await composeInstances({
    paths,
    store,
    clock,
    log,
    models,
    settings: options.settings,
    names: () => names,
    hosts: () => hosts,
    gateway: () => gateway,
    onNamesChanged: namesChanged,
  });
  const { declarations, history } = fleet;
  const names = createModelNames({ home: paths.home, declared: () => declarations.all(), models });
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
  });
  const autostart = createAutostart({
    paths,
    declared: declarations.all(),
    sleeps: (name) => history.lastKnown(name)?.state === 'asleep',
    push: () => hosts.pushDesired(hosts.localHost),
    log: log.child({ component: 'autostart' }),
  });
  const gateway = createGateway({
    clock,
    log: log.child({ component: 'gateway' }),
    random: systemRandom,
    models: names,
    limits: gatewayLimits(settings),
    frontDoorUrl: url,
    wake: fleet.wake,
    onSlotUsed: (name) => fleet.uses.used(name),
  });
  options.settings.onChange((changed) => gateway.setLimits(gatewayLimits(changed)));
  const commandPolicies = createPolicies(paths.home);
  const training = createTrainingLog({
    folder: paths.training,
    isOn: () => options.settings.current().training,
    clock,
    log: log.child({ component: 'training' }),
  });
  const brain = createBrain({
    store,
    agents: agentPort(hosts, policies),
    inference: gateway,
    catalogue: {
      modelNames: async () => [...names.list().map(({ name }) => name), ...brainNames(settings)],
      modelParameters: () => parametersOf(models),
      modelDigest: async (name) => modelDigest(name, names, models),
    },
    training,
    models: createModelPlacer({
      ...fleet,
      names,
      hosts,
      busySlots: (name) => gateway.loadOf(name).busySlots,
    }),
    clock,
    random: systemRandom,
    rules: () => options.settings.current(),
    hooks: () => options.settings.current(),
    brainModel: createBrainModel({
      inference: gateway,
      noBrain: () => fleet.brain.problem(),
      keepSample: training.keep,
    }),
    allowAlways: (role, commands) => commandPolicies.allow(role, commands),
    log: log.child({ component: 'brain' }),
    keepRuns: () => options.settings.current().planRunsKeep,
    environment: process.env,
  });
  const deviceKeeper = createDeviceKeeper({ hosts, policies, clock });
  return {
    store,
    clock,
    models,
    fleet,
    instances: fleet.directory,
    names,
    hosts,
    policies,
    deviceKeeper,
    gateway,
    brain,
    training,
    autostart,
  };
}

async function startParts(
  { names, hosts, policies, gateway, brain, fleet, autostart }: Parts,
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
  await policies.recall();
  await brain.start();
  scope.defer(() => brain.stop());
  await hosts.start(settlingBrainModel(brain, { model: fleet.brain, localHost: hosts.localHost, scope }));
  scope.defer(async () => hosts[Symbol.asyncDispose]());
}

async function openDoors(options: ControllerOptions, parts: Parts, scope: Scope, url: () => string) {
  const { paths, version, log, onStop } = options;
  const settings = options.settings.current();
  const daemon = createDaemonControl({
    ...parts,
    settings,
    version,
    socket: paths.socket,
    url,
    reload: () => reloadView(options.settings.reload()),
    onStop,
  });
  const servers = await createApiServers({
    ...parts,
    daemon,
    plans: createPlanShelf({ ...parts, home: paths.plans, folders: () => options.settings.current().planFolders }),
    engines: (signal) => listEngines(createEngines({ home: paths.home, environment: process.env }), signal),
    version,
    log: log.child({ component: 'api' }),
    home: paths.home,
    bind: settings.bind,
    signal: scope.signal,
  });
  return {
    async listenTcp() {
      const base = await listenTcp(servers.tcp, settings);
      scope.defer(() => closeServer(servers.tcp));
      return base;
    },
    async listenSocket() {
      await listenSocket(servers.socket, paths.socket);
      scope.defer(() => closeServer(servers.socket));
    },
  };
}

function keepAgent(
  { paths, log, startAgent }: ControllerOptions,
  { hosts, clock }: Parts,
  scope: Scope,
): Promise<void> {
  return keepLocalAgent({
    clock,
    log,
    signal: scope.signal,
    isConnected: () => hosts.connected().includes(hosts.localHost),
    holder: () => lockHolder(paths.agentLock),
    start: startAgent,
  });
}

function forgetOldFacts({ settings, log }: ControllerOptions, { store, clock }: Parts, scope: Scope): Promise<void> {
  const keepDays = (): number => settings.current().factsKeepDays;
  return keepFactsFresh({ store, clock, log, signal: scope.signal, keepDays });
}

function mirrorDecisions({ paths, log }: ControllerOptions, { store, clock }: Parts, scope: Scope): Promise<void> {
  return keepDecisionLog({ store, clock, log, path: paths.decisionLog, signal: scope.signal });
}

function agentPort(hosts: Hosts, policies: DevicePolicies): AgentPort {
  return {
    connected: () => hosts.connected(),
    devices: (host) => hosts.devicesOf(host),
    grant: (host, grants) => hosts.grant(host, grants),
    signal: (host, attempt, signal) => hosts.signal(host, attempt, signal),
    claim: (host, devices) => hosts.claim(host, devices),
    workers: (host) => hosts.workersOf(host),
    quarantine: (host, device, reason) => policies.hold({ host, device }, quarantine(reason), 'brain'),
  };
}

function reloadView({ applied, needsRestart }: Reloaded): ReloadView {
  return { applied, needs_restart: needsRestart };
}

function gatewayLimits(settings: Settings): Partial<GatewayLimits> {
  return {
    queueLength: settings.queuePerModel,
    bodyBytes: settings.bodyBytes,
    queueTimeoutMs: settings.queueTimeoutMs,
    firstByteTimeoutMs: settings.firstByteTimeoutMs,
    totalTimeoutMs: settings.requestTimeoutMs,
  };
}

function parametersOf(models: ModelRegistry): Readonly<Record<string, number>> {
  const known = [...models.known().values()];
  return Object.fromEntries(known.flatMap(({ id, parameters }) => (parameters === null ? [] : [[id, parameters]])));
}
