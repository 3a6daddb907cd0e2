/** The daemon as a service of the system: units, plists and tasks as pure texts, and the shell that installs them. */

export { assertManager, installService, uninstallService } from './apply.ts';
export type { CommandResult, ServiceWorld } from './apply.ts';
export { launchdPlist } from './launchd.ts';
export { printPlan, servicePlan } from './plan.ts';
export type { ServiceCommand, ServiceFile, ServicePlan, ServiceScope, ServiceSpec } from './service.ts';
export { systemdUnit } from './systemd.ts';
export { nssmScript, windowsLauncher, windowsTask } from './windows.ts';
export { accountOf, machine, makeLogFolder } from './world.ts';
