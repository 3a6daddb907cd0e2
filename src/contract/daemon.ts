/** What `daemon status`, `status` and the devices list say. */

import type { DeviceReport } from './devices.ts';

export interface DaemonStatusView {
  readonly running: true;
  readonly version: string;
  readonly url: string;
  readonly socket: string;
  readonly controller: { readonly pid: number; readonly uptime_ms: number };
  readonly agents: readonly {
    readonly host: string;
    readonly pid: number;
    readonly connected: boolean;
    readonly epoch: number;
  }[];
}

export interface DeviceView extends DeviceReport {
  readonly host: string;
}

/** `drover status --json`: the house at a glance. */
export interface StatusView {
  readonly daemon: DaemonStatusView;
  readonly devices: readonly DeviceView[];
  readonly instances: { readonly total: number; readonly ready: number; readonly failed: number };
  readonly requests: { readonly queued: number; readonly in_flight: number };
  readonly batches: { readonly running: number };
  readonly tasks: { readonly ready: number; readonly running: number; readonly waiting: number };
}
