/** What this machine has, looked at once by the command itself: for when no daemon is asked. Holds nothing. */

import type { DeviceReport } from '../contract/devices.ts';
import type { CliContext } from './context.ts';

export async function detectDevices({ paths, env, clock }: CliContext): Promise<readonly DeviceReport[]> {
  const { loadSettings, invalidConfig } = await import('../config/index.ts');
  const { createHostDevices } = await import('../daemon/host-devices.ts');
  const { silentLog } = await import('../kernel/log.ts');
  const { systemRandom } = await import('../kernel/random.ts');
  const loaded = loadSettings({ home: paths.home, env });
  if (loaded.kind === 'invalid') throw invalidConfig(loaded.problems);
  const { settings } = loaded;
  const devices = createHostDevices({
    home: paths.home,
    settings,
    environment: env,
    clock,
    random: systemRandom,
    log: silentLog,
  });
  try {
    await devices.refresh();
    return devices.reports();
  } finally {
    await devices[Symbol.asyncDispose]();
  }
}
