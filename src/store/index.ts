/** Durable state, and the only area that knows SQL. Open a store, then pass its doors to the functions of an aggregate. */

export * from './agents.ts';
export * from './attempts.ts';
export * from './batch-progress.ts';
export * from './batches.ts';
export * from './bulk.ts';
export * from './codec.ts';
export * from './device-policies.ts';
export * from './devices.ts';
export * from './escalations.ts';
export { isUniqueViolation } from './failure.ts';
export { forgetFacts, latestFactOfType, latestFacts, latestSeq, listFacts } from './facts.ts';
export type { FactQuery } from './facts.ts';
export * from './instances.ts';
export * from './learned-memory.ts';
export * from './meta.ts';
export * from './models.ts';
export * from './open.ts';
export * from './parked.ts';
export * from './placements.ts';
export * from './plan-runs.ts';
export * from './probes.ts';
export type { Db, JsonText, NewRow, Row, Schema } from './schema.ts';
export type { DialectName, Store, Tx } from './store.ts';
export * from './tasks.ts';
export * from './signals.ts';
export * from './templates.ts';
