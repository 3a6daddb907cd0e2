/** The devices of this machine, looked at in one way by its agent and by a command that runs without a daemon. */

import { join } from 'node:path';

import type { Settings } from '../config/index.ts';
import { AppError } from '../contract/index.ts';
import { createDevices, createDeviceSources, createMemoryLedger } from '../devices/index.ts';
import type { Devices, DevicesDeps } from '../devices/index.ts';
import { createEngines } from '../engines/index.ts';
import type { Engines } from '../engines/index.ts';
import type { Clock, Log, Random } from '../kernel/index.ts';

interface HostDevicesOptions {
  /** `$DROVER_HOME`. */
  readonly home: string;
  readonly settings: Pick<Settings, 'simulateRig' | 'devices' | 'deviceAliases' | 'deviceRoles' | 'taskMemoryPercent'>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly taskSlots?: NonNullable<DevicesDeps['taskSlots']>;
}

/** With an empty ledger; nothing is asked before `start` or `refresh`. */
export function createHostDevices(options: HostDevicesOptions): Devices {
  const { home, settings, environment, clock, random, log, taskSlots } = options;
  const ledger = createMemoryLedger({ taskShare: settings.taskMemoryPercent / 100 });
  const engines = createEngines({ home, environment });
  const sources = createDeviceSources({
    simulateRig: settings.simulateRig,
    simulatedFolder: join(home, 'simulated'),
    llamaServer: (signal) => locateLlamaServer(engines, signal),
    clock,
    random,
    ledger,
  });
  const { devices: offered, deviceAliases: aliases, deviceRoles: roles } = settings;
  const ownersWord = { offered, aliases, roles };
  return createDevices({
    ...sources,
    ...ownersWord,
    ledger,
    clock,
    log,
    ...(taskSlots === undefined ? {} : { taskSlots }),
  });
}

async function locateLlamaServer(engines: Engines, signal: AbortSignal): Promise<string | null> {
  const engine = { kind: 'llama-server' as const, args: [] };
  const gpu = { backend: 'cpu' as const, devices: [], layers: 'auto' as const, split: 'none' as const };
  try {
    return (await engines['llama-server'].locate({ engine, gpu }, signal)).file;
  } catch (error) {
    if (error instanceof AppError && error.code === 'ENGINE_NOT_FOUND') return null;
    throw error;
  }
}
