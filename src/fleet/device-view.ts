/** A device as the API shows it. Pure. */

import type { DeviceReport, DeviceView } from '../contract/index.ts';
import { isoTime } from '../kernel/index.ts';

/** Whose device it is, and since when we have not heard of it. */
export interface DeviceOrigin {
  readonly host: string;
  readonly connected: boolean;
  /** Epoch ms. */
  readonly seenAt: number;
}

export function toDeviceView({ host, connected, seenAt }: DeviceOrigin, device: DeviceReport): DeviceView {
  return {
    host,
    id: device.id,
    kind: device.kind,
    name: device.name,
    uuid: device.uuid,
    backend_names: device.backendNames,
    aliases: device.aliases,
    connected,
    seen_at: isoTime(seenAt),
    total_bytes: device.totalBytes,
    reserved_bytes: device.reservedBytes,
    observed_bytes: device.observedBytes,
    task_budget_bytes: device.taskBudgetBytes,
    temperature_c: device.temperatureC,
    power_w: device.powerW,
    power_limit_w: device.powerLimitW,
    utilisation_percent: device.utilisationPercent,
    task_slots: device.taskSlots,
  };
}
