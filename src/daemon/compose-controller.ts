/** The controller's graph: every part built once, started leaves first, stopped in reverse. Knows no argv and no lock. */

import { hostname } from 'node:os';

import { createApiServers } from '../api/index.ts';
import type { DaemonControl } from '../api/index.ts';
import { createBrain } from '../brain/index.ts';
import type { AgentPort, Brain } from '../brain/index.ts';
import type { HomePaths, LiveSettings, Reloaded, Settings } from '../config/index.ts';
import type { InstanceSpec, ReloadView } from '../contract/index.ts';
import { createEngines } from '../engines/index.ts';
import {
  createHosts,
  createInstanceDirectory,
  createModelNames,
  createModelRegistry,
  createSpecResolver,
  keepLocalAgent,
  watchEndedProcesses,
} from '../fleet/index.ts';
import type { Hosts, InstanceDirectory, ModelNames, ModelRegistry } from '../fleet/index.ts';
import { createGateway } from '../gateway/index.ts';
import type { Gateway, GatewayLimits } from '../gateway/index.ts';
import { createScope, lockHolder, systemClock, systemRandom } from '../kernel/index.ts';
import type { Clock, Log, Scope } from '../kernel/index.ts';
import { openStore } from '../store/index.ts';
import type { Store } from '../store/index.ts';
import { createAutostart } from './autostart.ts';
import type { Autostart } from './autostart.ts';
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
  readonly instances: InstanceDirectory;
  readonly names: ModelNames;
  readonly hosts: Hosts;
  readonly gateway: Gateway;
  readonly brain: Brain;
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
    await startParts(parts, scope, options.log);
    await doors.listenSocket();
    // Links are connections through the socket: its door does not close before they end.
    scope.defer(async () => parts.hosts[Symbol.asyncDispose]());
    if (options.settings.current().localAgent) scope.run(() => keepAgent(options, parts, scope));
    scope.run(() => parts.autostart.run(parts.instances, scope.signal));
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
  const instances = await createInstanceDirectory({
    home: paths.home,
    store,
    hosts: () => hosts,
    specs: createSpecResolver({
      home: paths.home,
      models,
      engines: createEngines({ home: paths.home, environment: process.env }),
      autoBackend: () => backendOf(hosts),
      devices: () => hosts.devicesOf(hosts.localHost),
    }),
    busySlots: (name) => gateway.snapshot().slots[name]?.busy ?? 0,
    clock,
    log: log.child({ component: 'instances' }),
    onChange: namesChanged,
  });
  const names = createModelNames({ home: paths.home, declared: () => instances.declared(), models });
  const hosts = createHosts({
    store,
    clock,
    log: log.child({ component: 'fleet' }),
    version,
    localHost: hostname(),
    desired: () => autostart.admitted(instances.declared()),
  });
  const autostart = createAutostart({
    paths,
    declared: instances.declared(),
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
  });
  options.settings.onChange((changed) => gateway.setLimits(gatewayLimits(changed)));
  const brain = createBrain({
    store,
    agents: agentPort(hosts),
    inference: gateway,
    catalogue: { modelNames: async () => names.list().map((target) => target.name) },
    clock,
    random: systemRandom,
    log: log.child({ component: 'brain' }),
    environment: process.env,
  });
  return { store, clock, models, instances, names, hosts, gateway, brain, autostart };
}

async function startParts({ store, names, hosts, gateway, brain }: Parts, scope: Scope, log: Log): Promise<void> {
  names.refresh();
  const ended = watchEndedProcesses({ store, log: log.child({ component: 'fleet' }) });
  scope.defer(() => ended.close());
  const events = hosts.instanceEvents.subscribe((event) => {
    if (event.kind === 'report') {
      gateway.onInstance(event.report);
      ended.onReport(event.report);
    } else gateway.onInstanceGone(event.name);
    brain.onInferenceChanged();
  });
  scope.defer(() => events[Symbol.dispose]());
  scope.defer(() => gateway.close());
  await brain.start();
  scope.defer(() => brain.stop());
  await hosts.start(brain);
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

function agentPort(hosts: Hosts): AgentPort {
  return {
    connected: () => hosts.connected(),
    devices: (host) => hosts.devicesOf(host),
    grant: (host, grants) => hosts.grant(host, grants),
    signal: (host, attempt, signal) => hosts.signal(host, attempt, signal),
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

/** `auto` means the cards when there are some that an engine here can drive. */
function backendOf(hosts: Hosts): InstanceSpec['gpu']['backend'] {
  const kinds = new Set(hosts.devicesOf(hosts.localHost).map((device) => device.kind));
  if (kinds.has('nvidia') || kinds.has('simulated')) return 'cuda';
  if (kinds.has('amd')) return 'rocm';
  return kinds.has('apple') ? 'metal' : 'cpu';
}
