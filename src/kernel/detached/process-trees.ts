/**
 * How a platform ends a program with all that it started: one port, a strategy per platform. A signal goes only to a
 * process whose identity was verified in the same breath; a pid alone is never trusted.
 */

import { execFile } from 'node:child_process';

import { identifyProcess, isSameProcess } from '../process-identity.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import { groupMembers, killTree, markedValues, signalGroup, survivors } from './tree.ts';
import type { Marker } from './tree.ts';

export interface ProcessTrees {
  /** Asks the program and its group to end; nothing happens when that very process is gone. */
  terminate(identity: ProcessIdentity): void;
  /** Ends by force all that belongs to it, also what left the group or outlived the program. */
  kill(identity: ProcessIdentity | null, marker: Marker): void;
  /** Pids of the live processes that belong to it, as far as the platform can tell: by group and by marker. */
  members(identity: ProcessIdentity | null, marker: Marker): readonly number[];
  /** Values of the marker that live processes carry; null where the platform cannot tell. */
  marked(name: Marker['name']): ReadonlySet<string> | null;
}

export function createProcessTrees(platform: NodeJS.Platform = process.platform): ProcessTrees {
  return platform === 'win32' ? createWindowsTrees({ isSame: isSameProcess, run: runQuietly }) : posixTrees;
}

const posixTrees: ProcessTrees = {
  terminate: (identity) => void (isSameProcess(identity) && signalGroup(identity, 'SIGTERM')),
  kill(identity, marker) {
    // The group's number is nobody else's while no process has its pid.
    if (identity !== null && identifyProcess(identity.pid) === null) signalGroup(identity, 'SIGKILL');
    killTree(identity, marker);
  },
  members: (identity, marker) => [
    ...new Set([...survivors(marker), ...(identity === null ? [] : groupMembers(identity))]),
  ],
  marked: (name) => (process.platform === 'linux' ? markedValues(name) : null),
};

interface WindowsTreesDeps {
  isSame(identity: ProcessIdentity): boolean;
  /** Starts a program of the system; how it ends is of no interest, since the end of the tree is seen elsewhere. */
  run(file: string, args: readonly string[]): void;
}

/**
 * Windows has no SIGTERM that a console program hears, and its trees are known to the system: `taskkill` ends one with
 * all its children. What has lost its parent cannot be found.
 */
export function createWindowsTrees({ isSame, run }: WindowsTreesDeps): ProcessTrees {
  const endTree = (identity: ProcessIdentity | null): void => {
    if (identity !== null && isSame(identity)) run('taskkill', ['/T', '/F', '/PID', String(identity.pid)]);
  };
  return {
    terminate: endTree,
    kill: endTree,
    members: (identity) => (identity !== null && isSame(identity) ? [identity.pid] : []),
    marked: () => null,
  };
}

function runQuietly(file: string, args: readonly string[]): void {
  execFile(file, args, { windowsHide: true }, () => {});
}
