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
  /** False: the controller keeps no agent on its own machine. */
  readonly local_agent: boolean;
  /** The only devices that the agent of this machine offers; null: all. */
  readonly offered_devices: readonly string[] | null;
}

/** What came of reading the settings again: keys of `config.json` whose values have changed. */
export interface ReloadView {
  readonly applied: readonly string[];
  readonly needs_restart: readonly string[];
}

/** A row of `drover devices ls --json`. */
export interface DeviceView {
  readonly host: string;
  readonly id: string;
  readonly kind: DeviceReport['kind'];
  readonly name: string;
  readonly uuid: string | null;
  readonly backend_names: readonly string[];
  readonly aliases: readonly string[];
  /** False: the host's agent is away, and this is what it told last. */
  readonly connected: boolean;
  /** ISO 8601: when the host told of it last. */
  readonly seen_at: string;
  readonly total_bytes: number;
  readonly reserved_bytes: number;
  readonly observed_bytes: number | null;
  readonly task_budget_bytes: number;
  readonly temperature_c: number | null;
  readonly power_w: number | null;
  readonly power_limit_w: number | null;
  readonly utilisation_percent: number | null;
  readonly task_slots: { readonly busy: number; readonly total: number };
}

/** `drover queue ls --json`. */
export interface QueueView {
  readonly queued: number;
  readonly in_flight: number;
  /** One row per model name with something waiting or running. */
  readonly models: readonly {
    readonly model: string;
    readonly queued: { readonly interactive: number; readonly batch: number };
    readonly in_flight: number;
    /** Smoothed duration of one request in a slot; null before the first. */
    readonly service_ms: number | null;
  }[];
  /** Slots held by requests, per instance that is known. */
  readonly slots: Readonly<Record<string, { readonly busy: number; readonly total: number }>>;
  readonly waiting: readonly {
    readonly id: string;
    readonly model: string;
    readonly class: string;
    readonly position: number;
    readonly waited_ms: number;
  }[];
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
