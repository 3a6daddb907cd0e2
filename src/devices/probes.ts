/** Which probes a host gets. To add a vendor: a file with a probe, and a line here. */

import type { Clock } from '../kernel/index.ts';
import { createCpuProbe } from './cpu.ts';
import type { DeviceProbe } from './device.ts';
import type { MemoryLedger } from './memory-ledger.ts';
import { createNvidiaProbe } from './nvidia.ts';
import { runCommand } from './run-command.ts';
import { createSimulatedProbe, parseRig } from './simulated.ts';

export interface ProbeSettings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly ledger: MemoryLedger;
}

/** The CPU always; a simulated rig instead of the host's own cards where DROVER_SIMULATE_RIG names one. */
export function createProbes({ environment, clock, ledger }: ProbeSettings): readonly DeviceProbe[] {
  const rig = environment['DROVER_SIMULATE_RIG'];
  if (!rig) return [createCpuProbe(), createNvidiaProbe(runCommand)];
  const reservedBytes = (device: string): number => {
    const picture = ledger.picture(device);
    return picture === null ? 0 : picture.instanceBytes + picture.taskBytes;
  };
  return [createCpuProbe(), createSimulatedProbe(parseRig(rig), { clock, seed: 1, reservedBytes })];
}
