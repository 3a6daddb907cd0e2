/** Which sources of devices a host gets. To add a vendor: a file with a probe, and a line here. */

import type { Clock, Random } from '../kernel/index.ts';
import { createCpuProbe } from './cpu.ts';
import type { MemoryLedger } from './ledger/memory-ledger.ts';
import { parseRig } from './simulated/rig.ts';
import { createSimulatedFiles } from './simulated/simulated-files.ts';
import { createSimulatedProbe } from './simulated/simulated.ts';
import { createAmdProbe } from './tools/amd.ts';
import { createAppleProbe } from './tools/apple.ts';
import { createListing } from './tools/listing.ts';
import { createNvidiaProbe } from './tools/nvidia.ts';
import { createRunCommand } from './tools/run-command.ts';
import type { DeviceSources } from './watching/look-around.ts';

interface SourceSettings {
  /** E.g. `5x6144`: cards that take the place of the host's own; null: the real ones. */
  readonly simulateRig: string | null;
  /** The llama-server whose device list is asked for; null when there is none. */
  readonly llamaServer: (signal: AbortSignal) => Promise<string | null>;
  readonly clock: Clock;
  readonly random: Random;
  readonly ledger: MemoryLedger;
  /** Where stand-ins write about simulated cards. */
  readonly simulatedFolder: string;
  /** How long a vendor's tool may take. */
  readonly toolTimeoutMs?: number;
}

export function createDeviceSources(settings: SourceSettings): DeviceSources {
  const { simulateRig, clock, random, ledger } = settings;
  if (simulateRig !== null) {
    const files = createSimulatedFiles(settings.simulatedFolder);
    const rig = createSimulatedProbe(parseRig(simulateRig), { clock, random, ledger, files });
    return { probes: [createCpuProbe(), rig], listing: null };
  }
  const run = createRunCommand(clock, settings.toolTimeoutMs);
  return {
    probes: [
      createCpuProbe(),
      createNvidiaProbe(run, clock, ledger),
      createAmdProbe(run, clock),
      createAppleProbe(run),
    ],
    listing: createListing(run, settings.llamaServer),
  };
}
