/** Devices as an agent reports them. Bytes everywhere; the ledger's answer is the agent's, this is a picture of it. */

import { z } from 'zod';

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
  totalBytes: z.number(),
  /** Promised by the memory ledger to instances and task workers. */
  reservedBytes: z.number(),
  /** Used by anybody, as measured; null when nothing measures it. */
  observedBytes: z.number().nullable(),
  /** Most that plan tasks may reserve together. */
  taskBudgetBytes: z.number(),
  temperatureC: z.number().nullable(),
  powerW: z.number().nullable(),
  powerLimitW: z.number().nullable(),
  utilisationPercent: z.number().nullable(),
  /** Cores for cpu tasks (the CPU device), else 0. */
  taskSlots: z.object({ busy: z.number(), total: z.number() }),
});
export type DeviceReport = z.output<typeof deviceReportSchema>;
