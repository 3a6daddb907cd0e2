/** Which service manager a platform has, and what it is to be told. Pure. */

import { launchdPlan } from './launchd.ts';
import type { ServicePlan, ServiceSpec } from './service.ts';
import { systemdPlan } from './systemd.ts';
import { windowsPlan } from './windows.ts';

/** Null where no service manager is known. `configHome`: where a user's own units lie, `~/.config`. */
export function servicePlan(platform: string, spec: ServiceSpec, configHome: string): ServicePlan | null {
  if (platform === 'linux') return systemdPlan(spec, configHome);
  if (platform === 'darwin') return launchdPlan(spec);
  return platform === 'win32' ? windowsPlan(spec) : null;
}

/** The files with their paths, or the text alone where there is one file, to be piped. */
export function printPlan({ files }: ServicePlan): string {
  const [only] = files;
  if (files.length === 1 && only) return only.text;
  return files.map(({ path, text }) => `:: ${path}\n${text.replaceAll('\r\n', '\n')}`).join('\n');
}
