/** The agent's parts: attempts and their workers, the spool, the link to the controller. */

export { helloOf, startAgent } from './agent.ts';
export type { AgentIdentity } from './agent.ts';
export { createAttempts } from './attempts.ts';
export type { AttemptUplink, Attempts } from './attempts.ts';
export { createControllerKeeper } from './controller-keeper.ts';
export { nextEpoch } from './epoch.ts';
export { createGauge } from './measure.ts';
export type { Gauge } from './measure.ts';
export { createMemoryReturn } from './memory-return.ts';
export type { MemoryReturn } from './memory-return.ts';
export { openJournal } from './journal.ts';
export { createLink } from './link.ts';
export type { Link } from './link.ts';
export { createOutbox } from './outbox.ts';
export type { Outbox } from './outbox.ts';
export { createHostWords } from './host-words.ts';
export { createPolicies } from './permissions/index.ts';
export type { ExecutorRole, Verdict } from './permissions/index.ts';
export { findBubblewrap } from './sandbox/host-sandbox.ts';
export { createTerms } from './terms.ts';
export type { FindTerms } from './terms.ts';
export { openSpool } from './spool.ts';
export type { Spool } from './spool.ts';
export { createFetches } from './fetches.ts';
export type { Fetches } from './fetches.ts';
