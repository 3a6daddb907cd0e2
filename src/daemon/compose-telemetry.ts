/** The controller's telemetry over its parts, of which most are built after it. */

import type { Brain } from '../brain/index.ts';
import type { LiveSettings } from '../config/index.ts';
import type { Hosts, ModelNames } from '../fleet/index.ts';
import type { Gateway } from '../gateway/index.ts';
import type { Log, Scope } from '../kernel/index.ts';
import type { Store } from '../store/index.ts';
import { createTelemetry } from '../telemetry/index.ts';
import type { Telemetry } from '../telemetry/index.ts';

interface TelemetryPartsDeps {
  readonly version: string;
  readonly settings: LiveSettings;
  readonly log: Log;
  readonly scope: Scope;
  readonly store: Store;
  readonly names: ModelNames;
  readonly hosts: Hosts;
  readonly gateway: () => Gateway;
  readonly brain: () => Brain;
}

export function composeTelemetry(deps: TelemetryPartsDeps): Telemetry {
  const { version, names, hosts, gateway, brain } = deps;
  const { otlpEndpoint } = deps.settings.current();
  const isOffline = (): boolean => deps.settings.current().offline;
  const telemetry = createTelemetry({
    log: deps.log.child({ component: 'telemetry' }),
    collector: otlpEndpoint === null ? null : { endpoint: otlpEndpoint, isOffline },
    views: {
      version,
      modelName: (asked) => names.known(asked)?.name ?? null,
      gateway: () => gateway().snapshot(),
      instances: () => hosts.instances(),
      devices: () => hosts.devices(),
      agents: () => hosts.list(),
      work: () => brain().overview(),
    },
  });
  const listening = deps.store.facts.subscribe((fact) => telemetry.hear({ kind: 'fact', fact }));
  deps.scope.defer(async () => {
    listening[Symbol.dispose]();
    await telemetry.close();
  });
  return telemetry;
}
