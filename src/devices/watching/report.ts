/** A device as the agent tells the controller of it. Pure. */

import type { DeviceReport } from '../../contract/index.ts';
import type { DeviceReading } from '../device.ts';
import type { LedgerPicture } from '../ledger/ledger-page.ts';
import { OPEN_TERMS, standingOf } from '../ledger/standing.ts';
import { UNSTRAINED } from '../ledger/strain.ts';

export function toReport(
  { index: _index, ...reading }: DeviceReading,
  picture: LedgerPicture | null,
  rest: Pick<DeviceReport, 'taskSlots' | 'loadRate' | 'loadGroup'>,
): DeviceReport {
  const { roles, condition, why } = picture?.standing ?? standingOf(OPEN_TERMS, UNSTRAINED);
  return {
    ...reading,
    ...rest,
    roles: [...roles],
    condition,
    why,
    throttleReasons: [...reading.throttleReasons],
    backendNames: [...reading.backendNames],
    aliases: [...reading.aliases],
    reservedBytes: picture === null ? 0 : picture.instanceBytes + picture.taskBytes,
    taskReservedBytes: picture?.taskBytes ?? 0,
    taskBudgetBytes: picture?.taskBudgetBytes ?? 0,
    taskFreeBytes: picture?.freeForTasksBytes ?? 0,
  };
}
