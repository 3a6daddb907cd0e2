/** What `daemon status`, `status` and the devices list say. */

import { z } from 'zod';

import { deviceWorkFields } from './device-work.ts';
import { DEVICE_CONDITIONS, DEVICE_ROLES, deviceReportSchema } from './devices.ts';

export const daemonStatusViewSchema = z
  .object({
    running: z.literal(true),
    version: z.string(),
    url: z.string(),
    socket: z.string(),
    controller: z.object({ pid: z.number(), uptime_ms: z.number() }).readonly(),
    agents: z
      .array(
        z
          .object({ host: z.string(), pid: z.number(), connected: z.boolean(), silent: z.boolean(), epoch: z.number() })
          .readonly(),
      )
      .readonly(),
    local_agent: z.boolean().describe('False: the controller keeps no agent on its own machine.'),
    offered_devices: z
      .array(z.string())
      .readonly()
      .nullable()
      .describe('The only devices that the agent of this machine offers; null: all.'),
  })
  .readonly()
  .meta({ id: 'DaemonStatus' });
export type DaemonStatusView = z.output<typeof daemonStatusViewSchema>;

/** What came of reading the settings again: keys of `config.json` whose values have changed. */
export const reloadViewSchema = z
  .object({
    applied: z.array(z.string()).readonly(),
    needs_restart: z.array(z.string()).readonly(),
  })
  .readonly()
  .meta({ id: 'Reload' });
export type ReloadView = z.output<typeof reloadViewSchema>;

/** A row of `drover devices ls --json`. */
export const deviceViewSchema = z
  .object({
    host: z.string(),
    id: z.string(),
    kind: deviceReportSchema.shape.kind,
    name: z.string(),
    uuid: z.string().nullable(),
    backend_names: z.array(z.string()).readonly(),
    aliases: z.array(z.string()).readonly(),
    roles: z.array(z.enum(DEVICE_ROLES)).readonly().describe('Work that it takes; empty: off.'),
    condition: z.enum(DEVICE_CONDITIONS),
    why: z.string().nullable().describe('Why the condition is not normal.'),
    held_until: z.iso.datetime().nullable().describe('When a hold ends by itself.'),
    connected: z.boolean().describe("False: the host's agent is away, and this is what it told last."),
    seen_at: z.iso.datetime().describe('When the host told of it last.'),
    total_bytes: z.number(),
    reserved_bytes: z.number(),
    observed_bytes: z.number().nullable(),
    task_budget_bytes: z.number(),
    task_free_bytes: z.number().describe('What a task could be granted now.'),
    temperature_c: z.number().nullable(),
    power_w: z.number().nullable(),
    power_limit_w: z.number().nullable(),
    utilisation_percent: z.number().nullable(),
    core_clock_mhz: z.number().nullable(),
    memory_clock_mhz: z.number().nullable(),
    throttle_reasons: z.array(z.string()).readonly(),
    pcie_generation: z.number().nullable(),
    pcie_width: z.number().nullable(),
    load_rate: z.number().nullable().describe('Bytes per second at which models were loaded into it lately.'),
    load_group: z.string().describe('Devices of one group share their way to the host.'),
    task_slots: z.object({ busy: z.number(), total: z.number() }).readonly(),
    ...deviceWorkFields,
  })
  .readonly()
  .meta({ id: 'Device' });
export type DeviceView = z.output<typeof deviceViewSchema>;

/** `drover queue ls --json`. */
export const queueViewSchema = z
  .object({
    queued: z.number(),
    in_flight: z.number(),
    models: z
      .array(
        z
          .object({
            model: z.string(),
            queued: z.object({ interactive: z.number(), batch: z.number() }).readonly(),
            in_flight: z.number(),
            service_ms: z
              .number()
              .nullable()
              .describe('Smoothed duration of one request in a slot; null before the first.'),
          })
          .readonly(),
      )
      .readonly()
      .describe('One row per model name with something waiting or running.'),
    slots: z
      .record(z.string(), z.object({ busy: z.number(), total: z.number() }).readonly())
      .readonly()
      .describe('Slots held by requests, per instance that is known.'),
    waiting: z
      .array(
        z
          .object({
            id: z.string(),
            model: z.string(),
            class: z.string(),
            position: z.number().describe('From 1, among all that wait for the same model.'),
            waited_ms: z.number(),
            starts_in_ms: z.number().nullable().describe('As things are now; null before anybody knows.'),
          })
          .readonly(),
      )
      .readonly(),
    forecast: z
      .object({
        samples: z.number(),
        median_ms: z.number().nullable(),
        p90_ms: z.number().nullable(),
        bias_ms: z.number().nullable().describe('Above 0: they began later than was said.'),
      })
      .readonly()
      .describe('How far from the truth starts_in_ms was when requests began to wait; of the latest ones.'),
  })
  .readonly()
  .meta({ id: 'Queue' });
export type QueueView = z.output<typeof queueViewSchema>;

/** `drover status --json`: the house at a glance. */
export const statusViewSchema = z
  .object({
    daemon: daemonStatusViewSchema,
    devices: z.array(deviceViewSchema).readonly(),
    instances: z.object({ total: z.number(), ready: z.number(), failed: z.number() }).readonly(),
    requests: z.object({ queued: z.number(), in_flight: z.number() }).readonly(),
    batches: z.object({ running: z.number() }).readonly(),
    tasks: z.object({ ready: z.number(), running: z.number(), waiting: z.number() }).readonly(),
  })
  .readonly()
  .meta({ id: 'Status' });
export type StatusView = z.output<typeof statusViewSchema>;
