/** The part of the client that is about workers; what is not here is asked of the instance that a worker is. */

import type { InstanceView } from '../../contract/instance-views.ts';
import type { SpawnRequest } from '../../contract/workers.ts';
import type { Calls } from './calls.ts';

export interface WorkerClient {
  /** Instances without a config: spawned ones, and those that requests have caused. */
  workers(): Promise<readonly InstanceView[]>;
  /** Resolves when it is ready. */
  spawnWorker(wanted: SpawnRequest): Promise<InstanceView>;
}

export function createWorkerClient({ call }: Calls): WorkerClient {
  return {
    async workers() {
      const all = await call<readonly InstanceView[]>('GET', '/v2/instances');
      return all.filter(({ ephemeral }) => ephemeral);
    },
    spawnWorker: (wanted) => call('POST', '/v2/workers', wanted),
  };
}
