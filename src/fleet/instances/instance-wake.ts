/** Gets up what a request waits for: an instance that sleeps, or one for a model that no instance serves. */

import { AppError } from '../../contract/index.ts';
import type { InstanceSpec } from '../../contract/index.ts';
import type { Waiters, Wake } from '../../gateway/index.ts';
import { assertNever } from '../../kernel/index.ts';
import type { AutoPull } from '../models/auto-pull.ts';
import type { Declarations } from './declarations.ts';
import type { EphemeralInstances } from './ephemeral-instances.ts';
import type { Hosts } from '../hosts/hosts.ts';
import type { RoomMaker } from '../room/room-maker.ts';

interface InstanceWakeDeps {
  readonly hosts: () => Pick<Hosts, 'localHost' | 'call'>;
  readonly declarations: Pick<Declarations, 'get'>;
  readonly ephemerals: Pick<EphemeralInstances, 'make'>;
  readonly autoPull: Pick<AutoPull, 'arrival'>;
  readonly room: Pick<RoomMaker, 'load'>;
  /** What would be made for a model of the catalogue. */
  readonly specOf: (modelId: string) => Promise<InstanceSpec>;
}

export function createInstanceWake(deps: InstanceWakeDeps): Wake {
  const { hosts, declarations, ephemerals, autoPull, room } = deps;

  async function wakeInstance(name: string, waiters: Waiters): Promise<void> {
    const entry = declarations.get(name);
    if (entry === null) throw new AppError('INSTANCE_NOT_FOUND', `no instance is named "${name}" any more`);
    const { spec } = entry;
    await room.load({ name, spec, waiters, start: () => untilReady(hosts(), spec, 'request') });
  }

  async function makeFor(model: string, waiters: Waiters): Promise<void> {
    await autoPull.arrival(model);
    const spec = await deps.specOf(model);
    await room.load({ name: model, spec, waiters, start: () => ephemerals.make(model) });
  }

  return ({ kind, name }, waiters) => {
    switch (kind) {
      case 'instance':
        return wakeInstance(name, waiters);
      case 'model':
        return makeFor(name, waiters);
      default:
        return assertNever(kind);
    }
  };
}

/** Beyond the load timeout of the engine. */
const MARGIN_MS = 30_000;

/** Resolves when its agent says that it is ready; rejects with the reason why it will not be. */
export async function untilReady(
  { localHost, call }: Pick<Hosts, 'localHost' | 'call'>,
  { name, health }: InstanceSpec,
  by: 'operator' | 'request',
): Promise<void> {
  await call(localHost, { op: 'ensure-ready', name, by }, { timeoutMs: health.loadTimeoutMs + MARGIN_MS });
}
