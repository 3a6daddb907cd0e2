/** Who can reach a server that listens on an address. Pure. */

import type { InstanceConfig } from '../contract/instance-config.ts';

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** True when the engine is told its key: ours always are, a program only when its config hands it over. */
export function isHandedKey({ engine, args }: InstanceConfig): boolean {
  if (engine.kind !== 'command') return true;
  return engine.key_env !== undefined || [...engine.args, ...args].some((arg) => arg.includes('{key}'));
}
