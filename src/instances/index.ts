/** Instances: engines under supervision, adopted after a restart of the agent, with their logs. */

export { chooseDevices } from './device-choice.ts';
export { createDetachedLauncher } from './launcher.ts';
export type { DetachedLauncherDeps, Launcher, LaunchRequest } from './launcher.ts';
export { logFiles } from './log-files.ts';
export type { LogFiles } from './log-files.ts';
export { findPortHolder } from './port-holder.ts';
export type { PortHolder } from './port-holder.ts';
export { createPorts } from './ports.ts';
export type { PortAnswer, Ports } from './ports.ts';
export { createHttpProber } from './prober.ts';
export type { Prober } from './prober.ts';
export * from './supervisor.ts';
