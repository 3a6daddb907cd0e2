/** Instances: engines under supervision, adopted after a restart of the agent, with their logs. */

export { chooseDevices } from './device-choice.ts';
export { createDetachedLauncher } from './launcher.ts';
export type { Launcher } from './launcher.ts';
export { logFiles } from './log-files.ts';
export { findPortHolder } from './port-holder.ts';
export { createPorts } from './ports.ts';
export { createHttpProber } from './prober.ts';
export * from './supervisor.ts';
