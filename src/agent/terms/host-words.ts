/** What this host would say to the commands of a plan, by its policies and its sandbox, as lint asks it. */

import { foresee } from './foresee.ts';
import type { PlannedCommand } from './foresee.ts';
import { createPolicies } from '../permissions/index.ts';
import { findBubblewrap } from '../sandbox/host-sandbox.ts';

interface Host {
  /** DROVER_HOME. */
  readonly home: string;
  readonly userHome: string;
  /** PATH. */
  readonly path: string | undefined;
}

export function createHostWords({ home, userHome, path }: Host): (planned: PlannedCommand) => readonly string[] {
  const deps = { policies: createPolicies(home), keep: [home, userHome], hasSandbox: findBubblewrap(path) !== null };
  return (planned) => foresee(planned, deps);
}
