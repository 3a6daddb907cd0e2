/** The controller's graph: every part built once, started leaves first, stopped in reverse. Knows no argv and no lock. */

import { hostname } from 'node:os';

import type { DaemonControl } from '../api/index.ts';
import type { Brain, TrainingLog } from '../brain/index.ts';
import type { HomePaths, LiveSettings } from '../config/index.ts';
import { BRAIN_INSTANCE } from '../contract/index.ts';
import { createModelNames, keepDecisionLog, keepFactsFresh, keepLocalAgent } from '../fleet/index.ts';
import type { AgentProgram, Hosts, InstanceDirectory, ModelNames, ModelPools } from '../fleet/index.ts';
import type { DurableRequests, Gateway } from '../gateway/index.ts';
import { createScope, lockHolder, systemClock } from '../kernel/index.ts';
import type { Clock, Log, Scope } from '../kernel/index.ts';
import { openStore } from '../store/index.ts';
import type { Store } from '../store/index.ts';
import type { Telemetry } from '../telemetry/index.ts';
import { settlingBrainModel, withBrainModelFirst } from './brain-model-first.ts';
import { composeBrain } from './compose-brain.ts';
import { composeDoors } from './compose-doors.ts';
import { composeGateway, composeTasks } from './compose-gateway.ts';
import { composeHosts } from './compose-hosts.ts';
import type { HostParts } from './compose-hosts.ts';
import { composeInstances } from './compose-instances.ts';
import type { InstanceParts } from './compose-instances.ts';
import { composeModels } from './compose-models.ts';
import type { ModelParts, ModelPartsDeps } from './compose-models.ts';
import { composeTelemetry } from './compose-telemetry.ts';

interface ControllerOptions {
  readonly paths: HomePaths;
  readonly settings: LiveSettings;
  readonly version: string;
  /** Somebody else than the agent starts this controller again when it dies. */
  readonly hasKeeper: boolean;
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

interface Parts extends ModelParts, HostParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly fleet: InstanceParts;
  readonly instances: InstanceDirectory;
  readonly pools: ModelPools;
  readonly names: ModelNames;
  readonly telemetry: Telemetry;
  readonly gateway: Gateway;
  readonly tasks: DurableRequests;
  readonly brain: Brain;
  readonly training: TrainingLog;
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
  const clock = systemClock;
  const { databaseUrl } = options.settings.current();
  const store = await openStore({ url: databaseUrl, log: options.log.child({ component: 'store' }), clock });
  scope.defer(() => store.close());
  const around = { ...options, scope, store, clock };

  const onNamesChanged = (): void => {
    names.refresh();
    gateway.onDirectoryChanged();
    brain.onInferenceChanged();
  };
  const modelParts = await composeModels({
    ...around,
    localHost: hostname(),
    hosts: () => hosts,
    running: () => running(fleet),
    onChange(modelId) {
      onNamesChanged();
      gateway.onModelChanged(modelId);
    },
  });
  const { models, autoPull } = modelParts;
  const fleet = await composeInstances({
    ...around,
    ...modelParts,
    names: () => names,
    hosts: () => hosts,
    gateway: () => gateway,
    onNamesChanged,
    onSwapped: (swap) => telemetry.hear({ kind: 'model-swapped', ...swap }),
  });
  const { home } = options.paths;
  const names = createModelNames({
    home,
    clock,
    declared: () => fleet.declarations.all(),
    models,
    autoPull,
    lacking: (name) => (name === BRAIN_INSTANCE ? fleet.brain.problem() : null),
  });
  const hostParts = composeHosts({ ...around, ...modelParts, fleet });
  const { hosts } = hostParts;
  const telemetry = composeTelemetry({ ...around, names, hosts, gateway: () => gateway, brain: () => brain });
  const gateway = composeGateway({ ...around, names, fleet, hosts, telemetry, url });
  const tasks = composeTasks({ ...around, gateway, models });
  const brainParts = composeBrain({ ...around, ...modelParts, ...hostParts, names, fleet, gateway });
  const { brain } = brainParts;
  return {
    store,
    clock,
    ...modelParts,
    ...hostParts,
    ...brainParts,
    fleet,
    instances: fleet.directory,
    pools: fleet.pools,
    names,
    telemetry,
    gateway,
    tasks,
  };
}

/** Instances that shall run, with the models they serve. */
function running({ declarations }: InstanceParts): ReturnType<ModelPartsDeps['running']> {
  return declarations
    .all()
    .flatMap(({ spec, desired }) => (desired === 'running' ? [{ name: spec.name, modelId: spec.model.id }] : []));
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
