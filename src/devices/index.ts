/** Devices: what this host has, what was measured, and the ledger that owns their memory. */

export * from './device.ts';
export * from './devices.ts';
export * from './memory-ledger.ts';
