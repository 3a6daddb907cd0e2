/** A device as the API shows it. Pure. */

import type { DeviceReport, DeviceView } from '../contract/index.ts';

export function toDeviceView(host: string, device: DeviceReport): DeviceView {
  return {
    host,
    id: device.id,
    kind: device.kind,
    name: device.name,
    uuid: device.uuid,
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
