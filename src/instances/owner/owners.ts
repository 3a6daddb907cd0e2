/** The owners of this host's instances by name, and what all of them share: ports, the way to a launch, the CPU's count. */

import type { InstanceReport } from '../../contract/index.ts';
import type { Engines } from '../../engines/index.ts';
import { toError, unknownInstanceFailure } from '../machine/failures.ts';
import { prepareLaunch } from '../launch/launch.ts';
import { createOwner } from './owner.ts';
import type { Owner, OwnerDeps } from './owner.ts';
import { createPorts } from '../launch/ports.ts';
import type { Machine } from '../machine/state.ts';

interface OwnersDeps extends Omit<OwnerDeps, 'ports' | 'prepare' | 'stopCommand'> {
  readonly engines: Engines;
  /** What engines inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the search for a free port begins. */
  readonly firstPort: number;
  /** Resolves when nothing of an earlier life can be in the way of a launch. */
  readonly isClear: (name: string) => Promise<void>;
}

interface Owners {
  add(machine: Machine): Owner;
  get(name: string): Owner | undefined;
  /** Throws INSTANCE_NOT_FOUND. */
  find(name: string): Owner;
  all(): readonly Owner[];
  /** Of those that are not forgotten. */
  reports(): readonly InstanceReport[];
}

export function createOwners(deps: OwnersDeps): Owners {
  const { engines, environment } = deps;
  const owners = new Map<string, Owner>();
  const ports = createPorts(deps.firstPort);
  const countOnCpu = (): number => [...owners.values()].filter((owner) => owner.isOnCpu()).length;

  const ownerDeps: OwnerDeps = {
    ...deps,
    ports,
    async prepare({ spec, launch }) {
      await deps.isClear(spec.name);
      return prepareLaunch(spec, launch, { ...deps, ports, countOnCpu });
    },
    stopCommand(spec, { port, key }) {
      const engine = engines[spec.engine.kind];
      const isRunning = port !== null && engine.kind !== 'remote';
      return isRunning ? engine.stopCommand(spec, { port, key, environment }) : null;
    },
  };

  return {
    add(machine) {
      const owner = createOwner(machine, ownerDeps);
      owners.set(machine.spec.name, owner);
      return owner;
    },
    get: (name) => owners.get(name),
    find(name) {
      const owner = owners.get(name);
      if (owner === undefined) throw toError(unknownInstanceFailure(name));
      return owner;
    },
    all: () => [...owners.values()],
    reports: () => [...owners.values()].map((owner) => owner.report()).filter((report) => report !== null),
  };
}
