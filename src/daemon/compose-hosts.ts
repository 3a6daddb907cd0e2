/** The controller's hosts: the links to their agents, what was decided about their devices, and what shall run on them. */

import { hostname } from 'node:os';

import type { HomePaths } from '../config/index.ts';
import { createDeviceKeeper, createDevicePolicies, createHosts } from '../fleet/index.ts';
import type { DeviceKeeper, DevicePolicies, Hosts, ModelDownloads } from '../fleet/index.ts';
import type { Clock, Log, Scope } from '../kernel/index.ts';
import type { Store } from '../store/index.ts';
import { createAutostart } from './autostart.ts';
import type { Autostart } from './autostart.ts';
import type { InstanceParts } from './compose-instances.ts';

export interface HostParts {
  readonly hosts: Hosts;
  readonly policies: DevicePolicies;
  readonly deviceKeeper: DeviceKeeper;
  readonly autostart: Autostart;
}

interface HostPartsDeps {
  readonly paths: HomePaths;
  readonly version: string;
  readonly hasKeeper: boolean;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly scope: Scope;
  readonly fleet: Pick<InstanceParts, 'declarations' | 'history' | 'brain'>;
  readonly modelDownloads: Pick<ModelDownloads, 'onProgress'>;
}

export function composeHosts({
  paths,
  version,
  hasKeeper,
  store,
  clock,
  log,
  scope,
  fleet,
  modelDownloads,
}: HostPartsDeps): HostParts {
  const { declarations, history, brain } = fleet;
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
    hasKeeper,
    localHost: hostname(),
    desired: () => autostart.admitted(brain.admitted(declarations.all())),
    onProbes: (probes) => history.onProbes(probes),
    onFetching: (progress) => modelDownloads.onProgress(progress),
  });
  const autostart = createAutostart({
    paths,
    declared: declarations.all(),
    sleeps: (name) => history.lastKnown(name)?.state === 'asleep',
    push: () => hosts.pushDesired(hosts.localHost),
    log: log.child({ component: 'autostart' }),
  });
  return { hosts, policies, deviceKeeper: createDeviceKeeper({ hosts, policies, clock }), autostart };
}
