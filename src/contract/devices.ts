/** Devices as an agent reports them, and what people say of them. Bytes everywhere; the ledger's answer is the agent's. */

import { z } from 'zod';

/** Work that a device takes; a device without any is off. */
export const DEVICE_ROLES = ['tasks', 'instances', 'brain'] as const;
export type DeviceRole = (typeof DEVICE_ROLES)[number];

/**
 * `constrained`: too hot, at its power limit or nearly full; takes only cpu and meta work until that is over.
 * `reserved`, `quarantined`: takes nothing new until it is released. `lost`: its driver does not answer for it.
 */
export const DEVICE_CONDITIONS = ['normal', 'constrained', 'reserved', 'quarantined', 'lost'] as const;
export type DeviceCondition = (typeof DEVICE_CONDITIONS)[number];

/** Keeps new work from a device until it is released. */
export const deviceHoldSchema = z.object({
  kind: z.enum(['reserved', 'quarantined']),
  reason: z.string(),
  /** Epoch ms of the controller's clock, which ends it; null: until somebody does. */
  until: z.number().nullable(),
});
export type DeviceHold = z.output<typeof deviceHoldSchema>;

/** What was decided about one device of a host. */
export const devicePolicySchema = z.object({
  device: z.string(),
  /** Null: as the settings of its host say. */
  roles: z.array(z.enum(DEVICE_ROLES)).nullable(),
  hold: deviceHoldSchema.nullable(),
});
export type DevicePolicy = z.output<typeof devicePolicySchema>;

export const deviceReportSchema = z.object({
  /** Stable within a host: `cpu`, `gpu0`, `amd0`, `sim0` … */
  id: z.string(),
  /** `other`: a card that only llama.cpp sees. */
  kind: z.enum(['cpu', 'nvidia', 'amd', 'apple', 'other', 'simulated']),
  name: z.string(),
  uuid: z.string().nullable(),
  /** What llama.cpp calls it, one name per backend: `CUDA0`, `Vulkan0` … */
  backendNames: z.array(z.string()),
  /** Names that the setting `device_aliases` gives it. */
  aliases: z.array(z.string()),
  roles: z.array(z.enum(DEVICE_ROLES)),
  condition: z.enum(DEVICE_CONDITIONS),
  /** In words, why the condition is not normal; null when it is. */
  why: z.string().nullable(),
  totalBytes: z.number(),
  /** Promised by the memory ledger to instances and task workers. */
  reservedBytes: z.number(),
  /** Of that, what task workers hold. */
  taskReservedBytes: z.number(),
  /** Used by anybody, as measured; null when nothing measures it. */
  observedBytes: z.number().nullable(),
  /** Most that plan tasks may reserve together. */
  taskBudgetBytes: z.number(),
  /** What a task could be granted now: the budget less all that is promised, and no more than is free as measured. */
  taskFreeBytes: z.number(),
  temperatureC: z.number().nullable(),
  powerW: z.number().nullable(),
  powerLimitW: z.number().nullable(),
  utilisationPercent: z.number().nullable(),
  coreClockMhz: z.number().nullable(),
  memoryClockMhz: z.number().nullable(),
  /** Why it runs slower than it could, in the vendor's words; idleness does not count. */
  throttleReasons: z.array(z.string()),
  pcieGeneration: z.number().nullable(),
  pcieWidth: z.number().nullable(),
  /** Bytes per second at which models were loaded into it lately; null before the first. */
  loadRate: z.number().nullable(),
  /** Devices of one group share their way to the host: their loads slow each other down. */
  loadGroup: z.string(),
  /** Places for cpu tasks: the cores of the CPU; on a card those taken when the CPU has none left. */
  taskSlots: z.object({ busy: z.number(), total: z.number() }),
});
export type DeviceReport = z.output<typeof deviceReportSchema>;
