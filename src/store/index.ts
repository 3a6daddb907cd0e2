/** Durable state, and the only area that knows SQL. Open a store, then pass its doors to the functions of an aggregate. */

export * from './batches/approvals.ts';
export * from './batches/attempts.ts';
export * from './batches/batch-progress.ts';
export * from './batches/batches.ts';
export * from './batches/cached-results.ts';
export * from './batches/escalations.ts';
export * from './batches/goal-counts.ts';
export * from './batches/incidents.ts';
export * from './batches/learned-memory.ts';
export * from './batches/parked.ts';
export * from './batches/placements.ts';
export * from './batches/plan-runs.ts';
export * from './batches/redo.ts';
export * from './batches/signals.ts';
export * from './batches/task-pages.ts';
export * from './batches/tasks.ts';
export * from './batches/templates.ts';

export * from './hosts/agents.ts';
export * from './hosts/device-policies.ts';
export * from './hosts/devices.ts';

export * from './serving/artifacts.ts';
export * from './serving/benches.ts';
export * from './serving/durable-requests.ts';
export * from './serving/inference-sessions.ts';
export * from './serving/instances.ts';
export * from './serving/keys.ts';
export * from './serving/model-downloads.ts';
export * from './serving/models.ts';
export * from './serving/probes.ts';

export { insertMany } from './commit/insert-many.ts';
export * from './codec.ts';
export { forgetFacts, latestFactOfType, latestFacts, latestSeq, listFacts } from './facts.ts';
export * from './meta.ts';
export * from './open.ts';
export type { Db, NewRow, Row } from './schema.ts';
export type { DialectName, Store, Tx } from './store.ts';
