/** The controller's gateway with the limits that the settings say, also when they are read again; and the tasks of its native API. */

import type { LiveSettings, Settings } from '../config/index.ts';
import type { Hosts, ModelNames, ModelRegistry } from '../fleet/index.ts';
import { createDurableRequests, createGateway } from '../gateway/index.ts';
import type { DurableRequests, Gateway, GatewayLimits } from '../gateway/index.ts';
import { systemRandom } from '../kernel/index.ts';
import type { Clock, Log } from '../kernel/index.ts';
import type { Store } from '../store/index.ts';
import type { Telemetry } from '../telemetry/index.ts';
import type { InstanceParts } from './compose-instances.ts';

interface GatewayPartsDeps {
  readonly settings: LiveSettings;
  readonly clock: Clock;
  readonly log: Log;
  readonly names: ModelNames;
  readonly fleet: Pick<InstanceParts, 'wake' | 'uses' | 'room'>;
  readonly hosts: Pick<Hosts, 'localHost' | 'devicesOf'>;
  readonly telemetry: Pick<Telemetry, 'hear'>;
  /** Of the front door, once it listens. */
  readonly url: () => string;
}

export function composeGateway({
  settings,
  clock,
  log,
  names,
  fleet,
  hosts,
  telemetry,
  url,
}: GatewayPartsDeps): Gateway {
  const gateway = createGateway({
    clock,
    log: log.child({ component: 'gateway' }),
    random: systemRandom,
    models: names,
    limits: limitsOf(settings.current()),
    frontDoorUrl: url,
    wake: fleet.wake,
    freeBytes: (device) => freeBytes(hosts, device),
    onSlotUsed(name) {
      fleet.uses.used(name);
      fleet.room.onSlotUsed(name);
    },
    onUsage: (record) => telemetry.hear({ kind: 'request-ended', record }),
    onRefused: (error) => telemetry.hear({ kind: 'request-refused', error }),
  });
  settings.onChange((changed) => gateway.setLimits(limitsOf(changed)));
  return gateway;
}

interface TaskPartsDeps {
  readonly settings: LiveSettings;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly models: ModelRegistry;
  readonly gateway: Gateway;
}

export function composeTasks({ settings, store, clock, log, models, gateway }: TaskPartsDeps): DurableRequests {
  return createDurableRequests({
    gateway,
    store,
    clock,
    random: systemRandom,
    log: log.child({ component: 'tasks' }),
    isDownloaded: (model) => models.all().get(model)?.state === 'ready',
    keepDays: () => settings.current().tasksKeepDays,
  });
}

function freeBytes({ localHost, devicesOf }: GatewayPartsDeps['hosts'], id: string): number {
  const device = devicesOf(localHost).find((each) => each.id === id);
  return device === undefined ? 0 : device.totalBytes - device.reservedBytes;
}

function limitsOf(settings: Settings): Partial<GatewayLimits> {
  return {
    queueLength: settings.queuePerModel,
    queueFull: settings.queueFull,
    interactiveFirst: settings.interactiveFirst,
    bodyBytes: settings.bodyBytes,
    queueTimeoutMs: settings.queueTimeoutMs,
    firstByteTimeoutMs: settings.firstByteTimeoutMs,
    totalTimeoutMs: settings.requestTimeoutMs,
    keepBodies: settings.requestBodies,
    offline: settings.offline,
    strategy: settings.placement,
    affinity: settings.prefixAffinity,
  };
}
