/** What an attempt leaves running when its command has ended: it goes by force, and is waited for until none of it lives. */

import { groupMembers, killTree, signalGroup, survivors } from '../../kernel/index.ts';
import type { Clock, Marker, ProcessIdentity } from '../../kernel/index.ts';

export interface Remains {
  /** Null when the group's number may be somebody else's by now. */
  readonly group: ProcessIdentity | null;
  /** For what has left the group; null: it was meant to stay. */
  readonly marker: Marker | null;
}

/** Kills what is left, and answers the pids of what lives on. */
export type KillRemains = (remains: Remains) => readonly number[];

export const killRemains: KillRemains = ({ group, marker }) => {
  const inGroup = group !== null && signalGroup(group, 'SIGKILL') ? groupMembers(group) : [];
  if (marker === null) return inGroup;
  killTree(null, marker);
  return [...new Set([...inGroup, ...survivors(marker)])];
};

interface Clearing {
  readonly kill: KillRemains;
  readonly clock: Clock;
  /** They live on, though they were killed: a driver, a file system or the kernel holds them. */
  readonly onLeft: (pids: readonly number[]) => void;
}

/** From a kill to the next look: what can go is gone within moments. */
const LOOK_AGAIN_MS = [2, 10, 50, 250, 1_000] as const;

/** Resolves when nothing of it lives; never rejects. */
export async function clearRemains(remains: Remains, { kill, clock, onLeft }: Clearing): Promise<void> {
  for (let look = 0; ; look++) {
    const left = kill(remains);
    if (left.length === 0) return;
    const waitMs = LOOK_AGAIN_MS[look];
    if (waitMs === undefined) onLeft(left);
    await clock.sleep(waitMs ?? 1_000);
  }
}
