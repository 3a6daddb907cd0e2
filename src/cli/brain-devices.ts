/** Whether the cards that the setting `brain` names are here; they may still come. For commands. */

import type { DeviceReport } from '../contract/devices.ts';
import type { CliContext } from './context.ts';

/** What is wrong with its devices, for people; null when nothing is, or no card is named. Invalid settings name none. */
export async function brainDeviceProblem(
  { paths, env }: CliContext,
  devices: readonly DeviceReport[],
): Promise<string | null> {
  const { loadSettings } = await import('../config/index.ts');
  const loaded = loadSettings({ home: paths.home, env });
  const wanted = loaded.kind === 'loaded' ? (loaded.settings.brain?.devices ?? []) : [];
  if (wanted.length === 0) return null;
  const { findDevice } = await import('../devices/names.ts');
  const problems = wanted.flatMap((name) => {
    const found = findDevice(devices, name);
    return found.kind === 'found' ? [] : [found.message];
  });
  return problems[0] ?? null;
}
