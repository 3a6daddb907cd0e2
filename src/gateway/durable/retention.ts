/** Forgets the requests that ended longer ago than they are kept for. */

import { every } from '../../kernel/index.ts';
import { forgetDurableRequests } from '../../store/index.ts';
import type { DurableDeps } from './durable-deps.ts';

const FORGET_EVERY_MS = 3_600_000;
/** In one write: others get their turn between two. */
const FORGOTTEN_AT_ONCE = 500;
const DAY_MS = 86_400_000;

/** At once, then every hour, until the signal aborts. */
export async function keepForgetting(
  { store, clock, log, keepDays }: Pick<DurableDeps, 'store' | 'clock' | 'log' | 'keepDays'>,
  signal: AbortSignal,
): Promise<void> {
  const notForgotten = (error: unknown): void => log.error({ err: error }, 'old tasks were not forgotten');
  const forget = async (): Promise<void> => {
    const before = clock.now() - keepDays() * DAY_MS;
    for (let portion = FORGOTTEN_AT_ONCE; portion === FORGOTTEN_AT_ONCE;) {
      portion = await store.write((tx) => forgetDurableRequests(tx, { before, limit: FORGOTTEN_AT_ONCE }));
    }
  };
  await forget().catch(notForgotten);
  await every(clock, FORGET_EVERY_MS, signal, forget, notForgotten);
}
