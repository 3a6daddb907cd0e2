/** The agent's parts: attempts and their workers, the spool, the link to the controller. */

export { helloOf, startAgent } from './agent.ts';
export type { AgentIdentity, AgentParts } from './agent.ts';
export { createAttempts } from './attempts.ts';
export type { AttemptUplink, Attempts } from './attempts.ts';
export { createControllerKeeper } from './controller-keeper.ts';
export { nextEpoch } from './epoch.ts';
export { createMemoryReturn } from './memory-return.ts';
export type { MemoryReturn } from './memory-return.ts';
export { openJournal } from './journal.ts';
export { noLease } from './lease.ts';
export { createLink } from './link.ts';
export type { Link } from './link.ts';
export { createOutbox } from './outbox.ts';
export type { Outbox } from './outbox.ts';
export { openSpool } from './spool.ts';
export type { Spool } from './spool.ts';
