/** Brings an instance up with its config as it is now: declares it as wanted, and has its agent make it so. */

import type { AgentCall, InstanceView } from '../../contract/index.ts';
import type { Log } from '../../kernel/index.ts';
import type { Hosts } from '../hosts/hosts.ts';
import type { Declarations } from './declarations.ts';
import type { InstanceConfigs } from './instance-configs.ts';
import type { InstanceViews } from './instance-views.ts';

export interface StartOptions {
  /** False: answer when the agent has been told. */
  readonly wait: boolean;
  readonly timeoutMs: number;
}

interface InstanceStartDeps {
  readonly declarations: Declarations;
  readonly configs: Pick<InstanceConfigs, 'resolve'>;
  readonly views: Pick<InstanceViews, 'view'>;
  readonly hosts: () => Pick<Hosts, 'localHost' | 'call'>;
  readonly log: Log;
}

/** Each resolves with how it is then. Rejects as resolving its config does, or with what keeps it from coming up. */
interface InstanceStart {
  start(name: string, options: StartOptions): Promise<InstanceView>;
  /** For what shall run already: what is drained stays so. */
  restore(name: string, options: StartOptions): Promise<InstanceView>;
  /** Stops what runs first. */
  restart(name: string, options: StartOptions): Promise<InstanceView>;
}

export function createInstanceStart({ declarations, configs, views, hosts, log }: InstanceStartDeps): InstanceStart {
  async function declareRunning(name: string, drained: boolean): Promise<void> {
    const config = await configs.resolve(name, declarations.get(name));
    await declarations.declare({ ...config, desired: 'running', drained });
  }

  async function answered(name: string, request: AgentCall, options: StartOptions): Promise<InstanceView> {
    const { call, localHost } = hosts();
    const done = call(localHost, request, { timeoutMs: options.timeoutMs });
    if (options.wait) await done;
    else done.catch((error: unknown) => log.warn({ err: error, instance: name }, `${request.op} failed`));
    return views.view(name);
  }

  async function bringUp(name: string, drained: boolean, options: StartOptions): Promise<InstanceView> {
    await declareRunning(name, drained);
    return answered(name, { op: 'ensure-ready', name, by: 'operator' }, options);
  }

  return {
    start: (name, options) => bringUp(name, false, options),
    restore: (name, options) => bringUp(name, declarations.get(name)?.drained ?? false, options),
    async restart(name, options) {
      if (declarations.get(name)?.desired !== 'running') return bringUp(name, false, options);
      await declareRunning(name, false);
      return answered(name, { op: 'restart', name, force: false }, options);
    },
  };
}
