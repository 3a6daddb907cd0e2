/** Keeps the agent of this machine alive: starts it when nobody holds its lock, again after a crash, with backoff. */

import type { Clock, Log, ProcessIdentity } from '../kernel/index.ts';

export interface LocalAgentDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly isConnected: () => boolean;
  /** The live holder of the agent's lock, or null. */
  readonly holder: () => ProcessIdentity | null;
  /** Starts the agent program, detached. */
  readonly start: () => void;
}

const LOOK_MS = 500;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** Runs until the signal aborts. An agent that runs but has not dialled yet is left alone. */
export async function keepLocalAgent(deps: LocalAgentDeps): Promise<void> {
  let wait = FIRST_WAIT_MS;
  let notBefore = 0;
  while (!deps.signal.aborted) {
    if (deps.isConnected()) wait = FIRST_WAIT_MS;
    else if (deps.holder() === null && deps.clock.monotonic() >= notBefore) {
      deps.log.info({ again_ms: wait }, 'local agent started');
      deps.start();
      notBefore = deps.clock.monotonic() + wait;
      wait = Math.min(LONGEST_WAIT_MS, wait * 2);
    }
    await deps.clock.sleep(LOOK_MS, deps.signal).catch(() => {});
  }
}
