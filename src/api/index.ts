/** The controller's HTTP face: routes, who may call them, and facts as events. */

export type { ApiDeps, DaemonControl } from './deps.ts';
export { openKeyRing } from './keys.ts';
export type { KeyRing } from './keys.ts';
export { createApiServers } from './server.ts';
