/** Forgets facts that are older than they are kept for: every hour, in portions that hold up nobody. */

import { every } from '../kernel/index.ts';
import type { Clock, Log } from '../kernel/index.ts';
import { forgetFacts } from '../store/index.ts';
import type { Store } from '../store/index.ts';

interface FactRetentionDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Asked each time: the setting may change. */
  readonly keepDays: () => number;
}

const BEAT_MS = 3_600_000;
const DAY_MS = 86_400_000;
const PORTION = 1_000;

/** Once at once, then every hour until the signal aborts. */
export async function keepFactsFresh({ store, clock, log, signal, keepDays }: FactRetentionDeps): Promise<void> {
  const forgetOld = async (): Promise<void> => {
    const before = clock.now() - keepDays() * DAY_MS;
    let forgotten = 0;
    for (let portion = PORTION; portion === PORTION && !signal.aborted; forgotten += portion) {
      portion = await store.write((tx) => forgetFacts(tx, { before, limit: PORTION }));
    }
    if (forgotten > 0) log.info({ facts: forgotten }, 'old facts forgotten');
  };
  const onError = (error: unknown): void => log.error({ err: error }, 'old facts were not forgotten');
  await forgetOld().catch(onError);
  await every(clock, BEAT_MS, signal, forgetOld, onError);
}
