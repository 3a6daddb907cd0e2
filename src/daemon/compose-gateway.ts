/** The controller's gateway, and the limits that it takes from the settings, also from those that are read again. */

import type { LiveSettings, Settings } from '../config/index.ts';
import type { Hosts, ModelNames } from '../fleet/index.ts';
import { createGateway } from '../gateway/index.ts';
import type { Gateway, GatewayLimits } from '../gateway/index.ts';
import { systemRandom } from '../kernel/index.ts';
import type { Clock, Log } from '../kernel/index.ts';
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
