/** What an operator may do with all instances of a model at once. Each of them is asked in its own name. */

import { AppError, asAppError, instanceConfigSchema } from '../../contract/index.ts';
import type { InstanceSpec, InstanceView, PoolView } from '../../contract/index.ts';
import { instanceConfigFile } from '../../config/index.ts';
import type { Gateway } from '../../gateway/index.ts';
import type { Declarations } from '../instances/declarations.ts';
import type { DesiredInstance } from '../instances/desired.ts';
import type { InstanceDirectory } from '../instances/instance-directory.ts';
import type { ModelNames } from '../models/model-names.ts';
import { targetOf } from '../models/model-target.ts';
import { configOfSpec } from '../specs/spec-config.ts';
import type { SpecResolver } from '../specs/spec-resolver.ts';
import { poolStatus, slotsOf } from './pool-status.ts';

export interface ModelPools {
  /** All of these reject with MODEL_NOT_FOUND for a name that means nothing. */
  health(model: string): Promise<PoolView>;
  /** The instances get nothing new; resolves when none has a request in flight. Rejects with TIMEOUT. */
  drain(model: string, options: { readonly timeoutMs: number }): Promise<PoolView>;
  /**
   * One instance after the other is started anew with its model and its config as they are now. One that does not come
   * up is put back as it was, and the rest is left alone: it rejects with the reason then.
   */
  reload(model: string, options: { readonly timeoutMs: number }): Promise<PoolView>;
  /** Ends what waits and runs with that error, and takes the instances down. */
  purge(model: string, because: AppError): Promise<PoolView>;
}

interface ModelPoolsDeps {
  readonly home: string;
  readonly names: Pick<ModelNames, 'resolve'>;
  readonly declarations: Pick<Declarations, 'get' | 'declare'>;
  readonly directory: Pick<InstanceDirectory, 'list' | 'drain' | 'restart' | 'stop'>;
  readonly specs: Pick<SpecResolver, 'resolve'>;
  readonly gateway: () => Pick<Gateway, 'endRequests' | 'snapshot' | 'breakerOf'>;
  /** Resolves when it is ready as it is declared. */
  readonly untilReady: (spec: InstanceSpec) => Promise<void>;
}

export function createModelPools(deps: ModelPoolsDeps): ModelPools {
  const { names, declarations, directory } = deps;

  function running(model: string): readonly string[] {
    const wanted = targetOf(names, model).instances.filter(({ desired }) => desired === 'running');
    return wanted.map(({ name }) => name);
  }

  async function health(model: string): Promise<PoolView> {
    const mine = new Set(targetOf(names, model).instances.map(({ name }) => name));
    const views = (await directory.list()).filter(({ name }) => mine.has(name));
    const members = views.map((view) => ({ ...toMember(view, deps), isWanted: view.desired === 'running' }));
    const sharesOne = (name: string): boolean =>
      names.resolve(name)?.instances.some((one) => mine.has(one.name)) ?? false;
    const waiting = deps.gateway().snapshot().waiting;
    return {
      model,
      status: poolStatus(members),
      slots: slotsOf(members),
      waiting: waiting.filter((request) => request.model === model || sharesOne(request.model)).length,
      instances: members.map(({ isWanted: _isWanted, ...member }) => member),
    };
  }

  /** Its config is that of the request which made it; what its model is may have changed since. */
  async function renew(before: DesiredInstance): Promise<void> {
    const { name } = before.spec;
    const config = instanceConfigSchema.parse(JSON.parse(configOfSpec(before.spec)));
    const file = instanceConfigFile(deps.home, name);
    const spec = await deps.specs.resolve({ kind: 'ok', file, config, warnings: [] }, null);
    await declarations.declare({ ...before, spec });
  }

  async function reloadOne(name: string, timeoutMs: number): Promise<void> {
    const before = declarations.get(name);
    if (before === null) return;
    try {
      if (before.ephemeral) await renew(before);
      await directory.restart(name, { wait: true, timeoutMs });
    } catch (error) {
      if (declarations.get(name)?.spec === before.spec) throw error;
      await rollBack(before, asAppError(error));
    }
  }

  async function rollBack(before: DesiredInstance, because: AppError): Promise<never> {
    const { name } = before.spec;
    await declarations.declare(before);
    await deps.untilReady(before.spec);
    throw new AppError(because.code, `${name} did not come up anew, and runs as before: ${because.message}`, {
      ...(because.hint === undefined ? {} : { hint: because.hint }),
      detail: { instance: name, rolled_back: true },
      cause: because,
    });
  }

  return {
    health,
    async drain(model, options) {
      await Promise.all(running(model).map((name) => directory.drain(name, options)));
      return health(model);
    },
    async reload(model, { timeoutMs }) {
      for (const name of running(model)) await reloadOne(name, timeoutMs);
      return health(model);
    },
    async purge(model, because) {
      const going = running(model);
      const isMeant = (name: string): boolean =>
        name === model || (names.resolve(name)?.instances.some((one) => going.includes(one.name)) ?? false);
      const requests = deps.gateway().endRequests((face) => isMeant(face.model), because);
      await Promise.all([requests, ...going.map((name) => directory.stop(name, { force: true }))]);
      return health(model);
    },
  };
}

function toMember({ name, status, health, draining, slots }: InstanceView, { gateway }: ModelPoolsDeps) {
  return { name, status, health, draining, breaker: gateway().breakerOf(name), slots };
}
