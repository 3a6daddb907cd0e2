/** One host as its controller sees it: the link to its agent, the calls that wait for an answer, its devices. */

import type { AgentFrame, ControllerFrame, DeviceReport, DeviceView, WorkerReport } from '../../contract/index.ts';
import type { Clock } from '../../kernel/index.ts';
import { createCalls } from './calls.ts';
import type { Calls } from './calls.ts';
import { toDeviceView } from '../devices/device-view.ts';
import type { LinkSession } from './link-session.ts';

export type Heartbeat = Extract<AgentFrame, { kind: 'heartbeat' }>;

export class Host {
  readonly name: string;
  readonly calls: Calls;
  readonly #clock: Clock;
  #session: LinkSession | null = null;
  #devices: readonly DeviceReport[] = [];
  /** When it told of its devices last. */
  #seenAt = 0;
  /** Of the latest heartbeat over this link. */
  #sequence = 0;
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
    this.#sequence = 0;
    this.#session = session;
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

  close(): void {
    this.#session?.close();
  }

  /** `seenAt`: when it told of them, if not now. */
  keepDevices(devices: readonly DeviceReport[], seenAt: number = this.#clock.now()): void {
    this.#devices = devices;
    this.#seenAt = seenAt;
  }

  /** A heartbeat that was overtaken by a later one tells nothing. */
  keepHeartbeat({ sequence, workers }: Pick<Heartbeat, 'sequence' | 'workers'>): 'newest' | 'overtaken' {
    if (sequence <= this.#sequence) return 'overtaken';
    this.#sequence = sequence;
    this.#workers = workers;
    return 'newest';
  }

  get workers(): readonly WorkerReport[] {
    return this.#workers;
  }

  viewDevices(heldUntil: (device: string) => number | null): readonly DeviceView[] {
    const origin = { host: this.name, connected: this.isConnected, seenAt: this.#seenAt, heldUntil };
    return this.#devices.map((device) => toDeviceView(origin, device));
  }
}
