/** How an attempt is brought to its end: asked first, then forced. Knows processes, not why they must go. */

import { killTree, signalTree } from '../../kernel/index.ts';
import type { Clock, Marker, ProcessIdentity } from '../../kernel/index.ts';

/** From SIGTERM to SIGKILL. */
const ABORT_GRACE_MS = 5_000;

interface Target {
  /** Null when an earlier agent left no more than the marker. */
  readonly identity: ProcessIdentity | null;
  readonly marker: Marker;
}

/** SIGTERM to the whole tree, SIGKILL after the grace. Dispose of the answer when the tree is gone. */
export function abortTree(target: Target, clock: Clock): Disposable {
  signalTree(target.identity, target.marker, 'SIGTERM');
  return clock.after(ABORT_GRACE_MS, () => killTree(target.identity, target.marker));
}
