/** The controller's HTTP face: routes, who may call them, and facts as events. */

export type { ApiDeps, DaemonControl } from './deps.ts';
export { createApiServers } from './server.ts';
export type { ApiServers } from './server.ts';
