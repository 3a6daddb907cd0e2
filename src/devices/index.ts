/**
 * Devices: what this host has, what was measured, and the ledger that owns their memory. `tools/` reads what the vendors'
 * programs say, `simulated/` stands in for cards, `watching/` makes one list of all answers, `ledger/` promises memory.
 */

export * from './candidates.ts';
export { countCores } from './cpu.ts';
export * from './device.ts';
export * from './devices.ts';
export * from './format-bytes.ts';
export type { LedgerPicture } from './ledger/ledger-page.ts';
export * from './ledger/memory-ledger.ts';
export type { Reservation, ReservationRequest } from './ledger/reservations.ts';
export * from './ledger/standing.ts';
export * from './names.ts';
export * from './probes.ts';
export { createSimulatedFiles } from './simulated/simulated-files.ts';
export type { SimulatedFiles } from './simulated/simulated-files.ts';
