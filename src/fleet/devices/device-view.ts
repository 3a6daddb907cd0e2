/** A device as the API shows it. Pure. */

import type { DeviceReport, DeviceView } from '../../contract/index.ts';
import { isoTime } from '../../kernel/index.ts';
import { workOf } from './device-work.ts';
import type { HostWork } from './device-work.ts';

/** Whose device it is, and since when we have not heard of it. */
interface DeviceOrigin {
  readonly work: HostWork;
  readonly host: string;
  readonly connected: boolean;
  /** Epoch ms. */
  readonly seenAt: number;
  /** When a hold of the device ends by itself, epoch ms. */
  readonly heldUntil: (device: string) => number | null;
}

export function toDeviceView(
  { host, connected, seenAt, heldUntil, work }: DeviceOrigin,
  device: DeviceReport,
): DeviceView {
  return {
    host,
    id: device.id,
    kind: device.kind,
    name: device.name,
    uuid: device.uuid,
    backend_names: device.backendNames,
    aliases: device.aliases,
    roles: device.roles,
    condition: device.condition,
    why: device.why,
    held_until: isoTime(heldUntil(device.id)),
    connected,
    seen_at: isoTime(seenAt),
    total_bytes: device.totalBytes,
    reserved_bytes: device.reservedBytes,
    observed_bytes: device.observedBytes,
    task_budget_bytes: device.taskBudgetBytes,
    task_free_bytes: device.taskFreeBytes,
    temperature_c: device.temperatureC,
    power_w: device.powerW,
    power_limit_w: device.powerLimitW,
    utilisation_percent: device.utilisationPercent,
    core_clock_mhz: device.coreClockMhz,
    memory_clock_mhz: device.memoryClockMhz,
    throttle_reasons: device.throttleReasons,
    pcie_generation: device.pcieGeneration,
    pcie_width: device.pcieWidth,
    load_rate: device.loadRate,
    load_group: device.loadGroup,
    task_slots: device.taskSlots,
    ...workOf(device.id, work),
  };
}
