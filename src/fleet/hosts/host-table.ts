/** All hosts that were ever heard of, by name. */

import type {
  ControllerFrame,
  DaemonStatusView,
  DeviceReport,
  DeviceView,
  InstanceReport,
} from '../../contract/index.ts';
import type { Clock } from '../../kernel/index.ts';
import type { DevicePlace } from '../devices/device-policies.ts';
import { Host } from './host.ts';

/** What is known of devices elsewhere. */
interface Mirrors {
  readonly heldUntil: (place: DevicePlace) => number | null;
  readonly instances: (host: string) => readonly InstanceReport[];
}

export class HostTable {
  readonly #clock: Clock;
  readonly #hosts = new Map<string, Host>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Made when it is asked for first. */
  named(name: string): Host {
    const host = this.#hosts.get(name) ?? new Host(name, this.#clock);
    this.#hosts.set(name, host);
    return host;
  }

  send(name: string, frame: ControllerFrame): void {
    this.#hosts.get(name)?.send(frame);
  }

  sendAll(frame: ControllerFrame): void {
    for (const host of this.#hosts.values()) host.send(frame);
  }

  closeAll(): void {
    for (const host of this.#hosts.values()) host.close();
  }

  connected(): readonly string[] {
    return this.#connected().map(({ name }) => name);
  }

  silent(): readonly string[] {
    return this.#connected().flatMap(({ name, isSilent }) => (isSilent ? [name] : []));
  }

  devicesOf(name: string): readonly DeviceReport[] {
    return this.#hosts.get(name)?.devices ?? [];
  }

  viewDevices({ heldUntil, instances }: Mirrors): readonly DeviceView[] {
    return [...this.#hosts.values()].flatMap((host) =>
      host.viewDevices({
        heldUntil: (device) => heldUntil({ host: host.name, device }),
        instances: instances(host.name),
      }),
    );
  }

  view(): DaemonStatusView['agents'] {
    return [...this.#hosts.values()].map(({ name, pid, epoch, isConnected, isSilent }) => {
      return { host: name, pid, epoch, connected: isConnected, silent: isConnected && isSilent };
    });
  }

  #connected(): readonly Host[] {
    return [...this.#hosts.values()].filter((host) => host.isConnected);
  }
}
