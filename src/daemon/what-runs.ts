/** What of a home still runs, found from its records alone, while no daemon can be asked. */

import { join } from 'node:path';

import type { HomePaths } from '../config/paths.ts';
import { anyProgramRuns } from '../kernel/detached/recorded-programs.ts';
import { lockHolder } from '../kernel/lock.ts';

/** Where the records of what the agent has launched lie, engines and workers apart. */
export function launchRecords({ agent }: Pick<HomePaths, 'agent'>, of: 'instances' | 'tasks'): string {
  return join(agent, 'exits', of);
}

/** True when an agent, an engine or a worker of this home lives. */
export function somethingRuns(paths: HomePaths): boolean {
  if (lockHolder(paths.agentLock) !== null) return true;
  return anyProgramRuns(launchRecords(paths, 'instances')) || anyProgramRuns(launchRecords(paths, 'tasks'));
}
