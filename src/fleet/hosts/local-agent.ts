/** Keeps the agent of this machine alive: starts it when nobody holds its lock, again after a crash, with backoff. */

import type { Clock, Log, ProcessIdentity } from '../../kernel/index.ts';

interface LocalAgentDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly isConnected: () => boolean;
  /** The live holder of the agent's lock, or null. */
  readonly holder: () => ProcessIdentity | null;
  readonly program: AgentProgram;
}

export interface AgentProgram {
  /** Starts it, detached. */
  start(): void;
  /** One that was started here has not ended; until it has its lock nothing else is known of it. */
  isAlive(): boolean;
}

const LOOK_MS = 500;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** Runs until the signal aborts. An agent that runs but has not dialled yet is left alone. */
export async function keepLocalAgent(deps: LocalAgentDeps): Promise<void> {
  let wait = FIRST_WAIT_MS;
  let notBefore = 0;
  /** Until then one that was started may still be loading. */
  let patience = 0;
  while (!deps.signal.aborted) {
    if (deps.isConnected()) wait = FIRST_WAIT_MS;
    else if (deps.holder() === null && deps.clock.monotonic() >= (deps.program.isAlive() ? patience : notBefore)) {
      deps.log.info({ again_ms: wait }, 'local agent started');
      deps.program.start();
      notBefore = deps.clock.monotonic() + wait;
      patience = deps.clock.monotonic() + LONGEST_WAIT_MS;
      wait = Math.min(LONGEST_WAIT_MS, wait * 2);
    }
    await deps.clock.sleep(LOOK_MS, deps.signal).catch(() => {});
  }
}
