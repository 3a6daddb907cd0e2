/** One host as its controller sees it: the link to its agent, the calls that wait for an answer, its devices. */

import type { ControllerFrame, DeviceReport, DeviceView, InstanceReport, WorkerReport } from '../../contract/index.ts';
import type { Clock } from '../../kernel/index.ts';
import { createCalls } from './calls.ts';
import type { Calls } from './calls.ts';
import { toDeviceView } from '../devices/device-view.ts';
import type { HostWork } from '../devices/device-work.ts';
import type { LinkSession } from './link-session.ts';

/** What is known of a host's devices elsewhere. */
interface DeviceMirrors {
  readonly heldUntil: (device: string) => number | null;
  readonly instances: readonly InstanceReport[];
}

export class Host {
  readonly name: string;
  readonly calls: Calls;
  readonly #clock: Clock;
  #session: LinkSession | null = null;
  /** Not heard of for so long that nothing new is given to it. */
  isSilent = false;
  #devices: readonly DeviceReport[] = [];
  /** When it told of its devices last. */
  #seenAt = 0;
  /** The latest over this link. */
  #heartbeat: HostWork['heartbeat'] = null;
  #workers: readonly WorkerReport[] = [];
  epoch = 0;
  pid = 0;

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.calls = createCalls(name, clock);
    this.#clock = clock;
  }

  get isConnected(): boolean {
    return this.#session !== null;
  }

  get devices(): readonly DeviceReport[] {
    return this.#devices;
  }

  /** A former link ends. */
  connect(session: LinkSession, { epoch, pid }: { readonly epoch: number; readonly pid: number }): void {
    this.#session?.close();
    Object.assign(this, { epoch, pid });
    this.#heartbeat = null;
    this.#session = session;
    this.isSilent = false;
  }

  /** False when it was not the link of this host any more. */
  disconnected(session: LinkSession): boolean {
    if (this.#session !== session) return false;
    this.#session = null;
    this.calls.linkDown();
    return true;
  }

  /** Dropped while there is no link: a hello tells everything again. */
  send(frame: ControllerFrame): void {
    this.#session?.send(frame);
  }

  /** Here it is gone at once: an agent that stands still does not answer the end of its link. */
  close(): void {
    const session = this.#session;
    if (session === null) return;
    this.disconnected(session);
    session.close();
  }

  /** `seenAt`: when it told of them, if not now. */
  keepDevices(devices: readonly DeviceReport[], seenAt: number = this.#clock.now()): void {
    this.#devices = devices;
    this.#seenAt = seenAt;
  }

  /** A heartbeat that was overtaken by a later one tells nothing. */
  keepHeartbeat(heartbeat: NonNullable<HostWork['heartbeat']>): 'newest' | 'overtaken' {
    if (heartbeat.sequence <= (this.#heartbeat?.sequence ?? 0)) return 'overtaken';
    this.#heartbeat = heartbeat;
    this.#workers = heartbeat.workers;
    return 'newest';
  }

  get workers(): readonly WorkerReport[] {
    return this.#workers;
  }

  viewDevices({ heldUntil, instances }: DeviceMirrors): readonly DeviceView[] {
    const work = { heartbeat: this.#heartbeat, instances };
    const origin = { host: this.name, connected: this.isConnected, seenAt: this.#seenAt, heldUntil, work };
    return this.#devices.map((device) => toDeviceView(origin, device));
  }
}
