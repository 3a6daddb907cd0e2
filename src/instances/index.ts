/** Instances: engines under supervision, adopted after a restart of the agent, with their logs. */

export { chooseDevices } from './launch/device-choice.ts';
export { createDetachedLauncher } from './launch/launcher.ts';
export type { Launcher } from './launch/launcher.ts';
export { logFiles } from './logs/log-files.ts';
export type { InstanceChange } from './owner/instance-change.ts';
export { findPortHolder } from './launch/port-holder.ts';
export { createPorts } from './launch/ports.ts';
export { createHttpProber } from './owner/prober.ts';
export * from './supervisor.ts';
