/** The environment of a worker: what the grant says, where it is, and the devices it may see. Nothing is inherited. Pure. */

import { attemptKey } from '../../contract/index.ts';
import type { Grant } from '../../contract/index.ts';
import type { DeviceReading } from '../../devices/index.ts';

export interface WorkerPlace {
  readonly home: string;
  readonly device: Pick<DeviceReading, 'id' | 'kind' | 'uuid' | 'index'>;
  /** Touched by the command as a sign of progress. */
  readonly progressFile: string;
  /** Where a stand-in program says how much memory it holds on a simulated card; null on any other device. */
  readonly memoryFile: string | null;
  /** Where the item lies when the grant has one. */
  readonly itemFile: string;
}

export function workerEnvironment(grant: Grant, place: WorkerPlace): Record<string, string> {
  return {
    ...grant.env,
    DROVER_HOME: place.home,
    DROVER_ATTEMPT: attemptKey(grant.attempt),
    DROVER_DEVICE: place.device.id,
    DROVER_PROGRESS_FILE: place.progressFile,
    ...(place.memoryFile === null ? {} : { DROVER_SIMULATED_MEMORY_FILE: place.memoryFile }),
    ...(grant.item === null ? {} : { DROVER_ITEM_FILE: place.itemFile }),
    ...visibility(place.device),
  };
}

/** A worker sees its own card and no other; without a card it sees none. */
function visibility({ kind, uuid, index, id }: WorkerPlace['device']): Record<string, string> {
  switch (kind) {
    case 'nvidia':
      return { CUDA_DEVICE_ORDER: 'PCI_BUS_ID', CUDA_VISIBLE_DEVICES: uuid ?? String(index) };
    case 'amd':
      // One variable alone: HIP counts within what ROCR_VISIBLE_DEVICES would leave.
      return { HIP_VISIBLE_DEVICES: String(index) };
    case 'simulated':
      return { CUDA_VISIBLE_DEVICES: uuid ?? id };
    default:
      return { CUDA_VISIBLE_DEVICES: '', HIP_VISIBLE_DEVICES: '' };
  }
}

const SECRET_NAME = /key|token|secret|passw|credential/i;

/** For the record beside the output: names stay, secret values go. */
export function withoutSecrets(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, SECRET_NAME.test(name) ? '[masked]' : value]),
  );
}
