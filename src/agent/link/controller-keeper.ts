/**
 * Brings the controller of this host back after it died: when the link is down, nobody wanted it so, and no controller
 * is there that is only slow.
 */

import type { Clock, Log } from '../../kernel/index.ts';

interface ControllerKeeperDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly start: () => void;
  /** False while the daemons are stopped on request, and while a controller lives. */
  readonly isMissing: () => boolean;
}

interface ControllerKeeper extends Disposable {
  /** No link: a start follows unless the link comes back first. */
  lost(): void;
  /** The link is up; of a controller that has another keeper that one has the first word when it dies. */
  found(kind: 'alone' | 'kept'): void;
  /** The controller took its leave: it is not brought back until somebody else has started it. */
  dismissed(): void;
}

export const FIRST_START_MS = 1_000;
/** A service starts its controller at once; on a machine under load that takes a while. */
export const AFTER_KEEPER_MS = 15_000;
const LONGEST_WAIT_MS = 30_000;

export function createControllerKeeper(deps: ControllerKeeperDeps): ControllerKeeper {
  const { clock, log } = deps;
  let timer: Disposable | null = null;
  let wanted = true;
  let firstMs = FIRST_START_MS;
  const disarm = (): void => {
    timer?.[Symbol.dispose]();
    timer = null;
  };
  const startAfter = (waitMs: number): void => {
    timer = clock.after(waitMs, () => {
      if (!deps.isMissing()) return startAfter(FIRST_START_MS);
      log.warn({ waitedMs: waitMs }, 'controller restarted');
      deps.start();
      startAfter(Math.min(LONGEST_WAIT_MS, waitMs * 2));
    });
  };
  return {
    lost() {
      if (wanted && timer === null) startAfter(firstMs);
    },
    found(kind) {
      wanted = true;
      firstMs = kind === 'kept' ? AFTER_KEEPER_MS : FIRST_START_MS;
      disarm();
    },
    dismissed() {
      wanted = false;
      disarm();
    },
    [Symbol.dispose]: disarm,
  };
}
