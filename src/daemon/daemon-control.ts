/** What the controller says of itself, and the way to end it. */

import type { DaemonControl } from '../api/index.ts';
import type { Brain } from '../brain/index.ts';
import type { Settings } from '../config/index.ts';
import type { StatusView } from '../contract/index.ts';
import type { Hosts, InstanceDirectory } from '../fleet/index.ts';
import type { Gateway } from '../gateway/index.ts';
import type { Clock } from '../kernel/index.ts';

interface DaemonControlDeps {
  readonly version: string;
  readonly socket: string;
  readonly url: () => string;
  readonly hosts: Hosts;
  readonly instances: InstanceDirectory;
  readonly gateway: Gateway;
  readonly brain: Brain;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly reload: DaemonControl['reload'];
  readonly onStop: DaemonControl['stop'];
}

export function createDaemonControl(deps: DaemonControlDeps): DaemonControl {
  const startedAt = deps.clock.monotonic();
  const status: DaemonControl['status'] = () => ({
    running: true,
    version: deps.version,
    url: deps.url(),
    socket: deps.socket,
    controller: { pid: process.pid, uptime_ms: Math.round(deps.clock.monotonic() - startedAt) },
    agents: deps.hosts.list(),
    local_agent: deps.settings.localAgent,
    offered_devices: deps.settings.devices,
  });

  async function overview(): Promise<StatusView> {
    const [instances, work] = await Promise.all([deps.instances.list(), deps.brain.overview()]);
    const { queued, inFlight } = deps.gateway.snapshot();
    return {
      daemon: status(),
      devices: deps.hosts.devices(),
      instances: {
        total: instances.length,
        ready: instances.filter((instance) => instance.status === 'ready').length,
        failed: instances.filter((instance) => instance.status === 'failed').length,
      },
      requests: { queued, in_flight: inFlight },
      ...work,
    };
  }

  return { status, overview, reload: deps.reload, stop: deps.onStop };
}
