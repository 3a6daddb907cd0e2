/** The settings of the gateway, and what they are unless somebody says otherwise. */

import type { QueueFullPolicy } from './queue/admission.ts';
import type { InteractiveFirst } from './slots/interactive-first.ts';

/** What decides between instances that are equally good for a request. */
const STRATEGIES = ['least-loaded', 'most-free-memory', 'round-robin'] as const;
export type Strategy = (typeof STRATEGIES)[number];

export interface GatewayLimits {
  /** Waiting requests per model. */
  readonly queueLength: number;
  /** What one more does. */
  readonly queueFull: QueueFullPolicy;
  /** How an interactive request gets a slot while batch work has them all. */
  readonly interactiveFirst: InteractiveFirst;
  /** A batch request that waited this long counts as interactive. */
  readonly promoteAfterMs: number;
  /** A request that waited this long as an interactive one goes before everything, oldest first. */
  readonly maximumWaitMs: number;
  /** An interactive request that got no slot in this time ends with TIMEOUT. Batch requests wait on. */
  readonly queueTimeoutMs: number;
  /** From the dispatch to the first content byte. */
  readonly firstByteTimeoutMs: number;
  /** From the arrival to the end. */
  readonly totalTimeoutMs: number;
  /** A reader that takes nothing for this long is cut. */
  readonly stalledReaderMs: number;
  /** How long the status stays open before a waiting stream is answered 200 and kept alive with comments. */
  readonly holdMs: number;
  readonly keepAliveMs: number;
  readonly bodyBytes: number;
  readonly strategy: Strategy;
  /** Requests of one conversation go to the same instance where they can. */
  readonly affinity: boolean;
  /** Tries of one request on instances, the first included. */
  readonly attempts: number;
  /** After an abort, how long the engine may take to report its slot idle before the slot counts as free anyway. */
  readonly slotIdleMs: number;
  /** Finished requests kept for inspection. */
  readonly history: number;
  /** And their bodies. */
  readonly keepBodies: boolean;
  /** Engines of other machines are not called. */
  readonly offline: boolean;
}

export const DEFAULT_LIMITS: GatewayLimits = {
  queueLength: 100,
  queueFull: 'reject',
  interactiveFirst: 'preempt',
  promoteAfterMs: 300_000,
  maximumWaitMs: 120_000,
  queueTimeoutMs: 300_000,
  firstByteTimeoutMs: 300_000,
  totalTimeoutMs: 1_800_000,
  stalledReaderMs: 60_000,
  holdMs: 3_000,
  keepAliveMs: 5_000,
  bodyBytes: 32 * 1024 * 1024,
  strategy: 'least-loaded',
  affinity: true,
  attempts: 3,
  slotIdleMs: 2_000,
  history: 500,
  keepBodies: false,
  offline: false,
};
