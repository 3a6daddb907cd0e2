/** The daemon as a service of the system: units, plists and tasks as pure texts, and the shell that installs them. */

export { assertManager, installService, uninstallService } from './apply.ts';
export { printPlan, servicePlan } from './plan.ts';
export type { ServicePlan, ServiceScope } from './service.ts';
export { accountOf, machine, makeLogFolder } from './world.ts';
