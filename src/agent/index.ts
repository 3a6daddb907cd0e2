/** The agent's parts: attempts and their workers, the spool, the link to the controller. */

export { helloOf, startAgent } from './agent.ts';
export type { AgentIdentity } from './agent.ts';
export { createAttempts } from './attempts/attempts.ts';
export type { AttemptUplink, Attempts } from './attempts/attempts.ts';
export { createControllerKeeper } from './link/controller-keeper.ts';
export { nextEpoch } from './epoch.ts';
export { createGauge } from './worker/measure.ts';
export type { Gauge } from './worker/measure.ts';
export { createMemoryReturn } from './devices/memory-return.ts';
export type { MemoryReturn } from './devices/memory-return.ts';
export { openJournal } from './worker/journal.ts';
export { createLink } from './link/link.ts';
export type { Link } from './link/link.ts';
export { createOutbox } from './link/outbox.ts';
export type { Outbox } from './link/outbox.ts';
export { createHostWords } from './terms/host-words.ts';
export { createPolicies } from './permissions/index.ts';
export type { ExecutorRole, Verdict } from './permissions/index.ts';
export { findBubblewrap } from './sandbox/host-sandbox.ts';
export { createTerms } from './terms/terms.ts';
export type { FindTerms } from './terms/terms.ts';
export { openSpool } from './link/spool.ts';
export type { Spool } from './link/spool.ts';
export { createFetches } from './fetches.ts';
export type { Fetches } from './fetches.ts';
