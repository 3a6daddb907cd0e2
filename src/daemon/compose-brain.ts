/** The controller's brain over its neighbours: what it asks of hosts, of the gateway, of the models and of the settings. */

import { homedir } from 'node:os';

import { createHostWords, createPolicies } from '../agent/index.ts';
import { createBrain, createBrainModel, createPlanReader, createTrainingLog } from '../brain/index.ts';
import type { AgentPort, Brain, TrainingLog } from '../brain/index.ts';
import type { HomePaths, LiveSettings } from '../config/index.ts';
import { createModelPlacer, modelDigest, quarantine } from '../fleet/index.ts';
import type { DevicePolicies, Hosts, ModelNames, ModelRegistry } from '../fleet/index.ts';
import type { Gateway } from '../gateway/index.ts';
import { installedFile, systemRandom } from '../kernel/index.ts';
import type { Clock, Log } from '../kernel/index.ts';
import type { Store } from '../store/index.ts';
import { brainNames } from './brain-model-first.ts';
import type { InstanceParts } from './compose-instances.ts';

interface BrainParts {
  readonly brain: Brain;
  readonly training: TrainingLog;
}

interface BrainPartsDeps {
  readonly paths: HomePaths;
  readonly settings: LiveSettings;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly models: ModelRegistry;
  readonly names: ModelNames;
  readonly fleet: InstanceParts;
  readonly hosts: Hosts;
  readonly policies: DevicePolicies;
  readonly gateway: Gateway;
}

export function composeBrain(deps: BrainPartsDeps): BrainParts {
  const { paths, settings, store, clock, log, models, names, fleet, hosts, gateway } = deps;
  const configured = brainNames(settings.current());
  const commandPolicies = createPolicies(paths.home);
  const training = createTrainingLog({
    folder: paths.training,
    isOn: () => settings.current().training,
    clock,
    log: log.child({ component: 'training' }),
  });
  const brain = createBrain({
    store,
    agents: agentPort(hosts, deps.policies),
    inference: gateway,
    catalogue: {
      modelNames: async () => [...names.list().map(({ name }) => name), ...configured],
      modelParameters: () => parametersOf(models),
      modelDigest: async (name) => modelDigest(name, names, models),
    },
    training,
    models: createModelPlacer({
      ...fleet,
      names,
      hosts,
      busySlots: (name) => gateway.loadOf(name).busySlots,
      usedAt: fleet.room.usedAt,
    }),
    clock,
    random: systemRandom,
    readPlan: createPlanReader(installedFile('dist/daemon/plan-reader.js'), () => firstWords(paths.home)),
    rules: () => settings.current(),
    hooks: () => settings.current(),
    brainModel: createBrainModel({
      inference: gateway,
      noBrain: () => fleet.brain.problem(),
      keepSample: training.keep,
    }),
    allowAlways: (role, commands) => commandPolicies.allow(role, commands),
    log: log.child({ component: 'brain' }),
    keepRuns: () => settings.current().planRunsKeep,
    environment: process.env,
  });
  return { brain, training };
}

/** A submission does not wait until all of a plan's commands are judged: "plan lint" does that. */
const MOST_FORESEEN = 100;

function firstWords(home: string): ReturnType<typeof createHostWords> {
  const words = createHostWords({ home, userHome: homedir(), path: process.env['PATH'] });
  let asked = 0;
  return (planned) => (++asked > MOST_FORESEEN ? [] : words(planned));
}

function agentPort(hosts: Hosts, policies: DevicePolicies): AgentPort {
  return {
    connected: () => hosts.connected(),
    silent: () => hosts.silent(),
    devices: (host) => hosts.devicesOf(host),
    grant: (host, grants) => hosts.grant(host, grants),
    signal: (host, attempt, signal) => hosts.signal(host, attempt, signal),
    claim: (host, devices) => hosts.claim(host, devices),
    workers: (host) => hosts.workersOf(host),
    quarantine: (host, device, reason) => policies.hold({ host, device }, quarantine(reason), 'brain'),
  };
}

function parametersOf(models: ModelRegistry): Readonly<Record<string, number>> {
  const known = [...models.known().values()];
  return Object.fromEntries(known.flatMap(({ id, parameters }) => (parameters === null ? [] : [[id, parameters]])));
}
