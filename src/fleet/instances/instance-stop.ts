/** Stops an instance, and waits until nothing of it is left. */

import type { InstanceView } from '../../contract/index.ts';
import type { Hosts } from '../hosts/hosts.ts';
import type { Declarations } from './declarations.ts';
import type { EphemeralInstances } from './ephemeral-instances.ts';
import { hasEngine } from './instance-view.ts';
import type { InstanceViews } from './instance-views.ts';

interface InstanceStopDeps {
  readonly declarations: Declarations;
  readonly views: InstanceViews;
  readonly ephemerals: Pick<EphemeralInstances, 'remove'>;
  readonly hosts: () => Pick<Hosts, 'localHost' | 'call' | 'forgetInstance'>;
}

/** Resolves with how it was left. An ephemeral one, and one that nothing is declared of, is forgotten then. */
type InstanceStop = (name: string, options: { readonly force: boolean }) => Promise<InstanceView>;

/** Beyond drain and grace: the time the agent gets to verify that nothing is left. */
const STOP_MARGIN_MS = 15_000;
/** For an engine that this controller has declared nothing of. */
const UNDECLARED_STOP_MS = 60_000;

export function createInstanceStop({ declarations, views, ephemerals, hosts }: InstanceStopDeps): InstanceStop {
  async function ensureStopped(name: string, force: boolean, timeoutMs: number): Promise<InstanceView> {
    const { call, localHost } = hosts();
    await call(localHost, { op: 'ensure-stopped', name, force }, { timeoutMs });
    return views.view(name);
  }

  /** Its agent is the only one that knows it, and then nobody. */
  async function stopUndeclared(name: string, force: boolean): Promise<InstanceView> {
    if (!hasEngine(views.reportOf(name))) return views.view(name);
    const view = await ensureStopped(name, force, UNDECLARED_STOP_MS);
    hosts().forgetInstance(hosts().localHost, name);
    return view;
  }

  return async (name, { force }) => {
    const entry = declarations.get(name);
    if (entry === null) return stopUndeclared(name, force);
    await declarations.declare({ ...entry, desired: 'stopped', drained: false });
    const { drainMs, graceMs } = entry.spec.stop;
    const view = await ensureStopped(name, force, drainMs + graceMs + STOP_MARGIN_MS);
    if (entry.ephemeral) await ephemerals.remove(name);
    return view;
  };
}
