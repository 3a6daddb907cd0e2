/** Devices that take no new tasks for now, because the brain is about to have a model loaded there. Pure. */

import type { DevicePolicy, DeviceReport } from '../../contract/index.ts';

/** What was decided about the devices, with the claims laid over it; they are never stored. */
export function withClaims(
  policies: readonly DevicePolicy[],
  claimed: readonly string[],
  reports: readonly Pick<DeviceReport, 'id' | 'roles'>[],
): DevicePolicy[] {
  const others = policies.filter(({ device }) => !claimed.includes(device));
  const kept = claimed.map((device): DevicePolicy => {
    const policy = policies.find((it) => it.device === device) ?? { device, roles: null, hold: null };
    const roles = policy.roles ?? reports.find(({ id }) => id === device)?.roles ?? [];
    return { ...policy, roles: roles.filter((role) => role !== 'tasks') };
  });
  return [...others, ...kept];
}
