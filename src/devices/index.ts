/** Devices: what this host has, what was measured, and the ledger that owns their memory. */

export * from './candidates.ts';
export { countCores } from './cpu.ts';
export * from './device.ts';
export * from './devices.ts';
export * from './format-bytes.ts';
export type { LedgerPicture } from './ledger-page.ts';
export * from './memory-ledger.ts';
export * from './names.ts';
export * from './probes.ts';
export type { Reservation, ReservationRequest } from './reservations.ts';
export { createSimulatedFiles } from './simulated-files.ts';
export type { SimulatedFiles } from './simulated-files.ts';
export * from './standing.ts';
