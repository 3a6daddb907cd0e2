/** The controller's knowledge of instances: what shall run, what was seen of it, what a config means, how it is shown. */

import type { InstanceSpec } from '../contract/index.ts';
import { backendFor } from '../devices/index.ts';
import { createEngines } from '../engines/index.ts';
import {
  createDeclarations,
  createInstanceHistory,
  createInstanceViews,
  createModelNeeds,
  createSpecResolver,
} from '../fleet/index.ts';
import type {
  Declarations,
  Hosts,
  InstanceHistory,
  InstanceViews,
  ModelNeeds,
  ModelRegistry,
  SpecResolver,
} from '../fleet/index.ts';
import type { Gateway } from '../gateway/index.ts';
import type { Clock, Log } from '../kernel/index.ts';
import type { Store } from '../store/index.ts';
import type { LocalHost } from './local-host.ts';

export interface KnownInstances {
  readonly declarations: Declarations;
  readonly history: InstanceHistory;
  readonly specs: SpecResolver;
  readonly needs: ModelNeeds;
  readonly views: InstanceViews;
}

interface KnownInstancesDeps {
  readonly home: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly models: ModelRegistry;
  readonly host: LocalHost;
  readonly hosts: () => Hosts;
  readonly gateway: () => Gateway;
  /** Why the setting of the brain's own instance cannot be used. */
  readonly brainTrouble: () => string | null;
  /** What a name means may have changed. */
  readonly onNamesChanged: () => void;
}

export async function composeKnownInstances(deps: KnownInstancesDeps): Promise<KnownInstances> {
  const { home, store, log, models, host, gateway, onNamesChanged } = deps;
  const history = await createInstanceHistory({ store, log });
  const declarations = await createDeclarations({
    store,
    onChange(name) {
      if (declarations.get(name) === null) history.forget(name);
      onNamesChanged();
      host.pushDesired();
    },
  });
  const specs = createSpecResolver({
    home,
    models,
    engines: createEngines({ home, environment: process.env }),
    autoBackend: () => backendOf(host),
    devices: host.devices,
  });
  const needs = createModelNeeds({ specs, onRead: onNamesChanged, log });
  const views = createInstanceViews({
    ...deps,
    declarations,
    history,
    specs,
    load: (name) => gateway().loadOf(name),
    observedMemory: host.memoryOf,
  });
  return { declarations, history, specs, needs, views };
}

/** `auto` means the cards when there are some. */
function backendOf(host: LocalHost): InstanceSpec['gpu']['backend'] {
  const backends = host.devices().map(backendFor);
  return (['cuda', 'rocm', 'metal', 'vulkan'] as const).find((backend) => backends.includes(backend)) ?? 'cpu';
}
