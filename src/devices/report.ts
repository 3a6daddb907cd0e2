/** A device as the agent tells the controller of it. Pure. */

import type { DeviceReport } from '../contract/index.ts';
import type { DeviceReading } from './device.ts';
import type { LedgerPicture } from './memory-ledger.ts';

export function toReport(
  { index: _index, ...reading }: DeviceReading,
  picture: LedgerPicture | null,
  taskSlots: DeviceReport['taskSlots'],
): DeviceReport {
  return {
    ...reading,
    backendNames: [...reading.backendNames],
    aliases: [...reading.aliases],
    reservedBytes: picture === null ? 0 : picture.instanceBytes + picture.taskBytes,
    taskBudgetBytes: picture?.taskBudgetBytes ?? 0,
    taskSlots,
  };
}
