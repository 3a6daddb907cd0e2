/**
 * Instances that nobody has configured: one is made when a request asks for a model of the catalogue that no instance
 * has, and goes when it falls asleep; another is a worker, spawned by a person, which goes when it is stopped. Whether it
 * fits is the ledger's to say.
 */

import { AppError, INSTANCE_NAME } from '../../contract/index.ts';
import type { DeviceReport, InstanceReport, InstanceSpec, SpawnRequest } from '../../contract/index.ts';
import type { Log } from '../../kernel/index.ts';
import type { Declarations } from './declarations.ts';
import type { DesiredInstance } from './desired.ts';
import type { SpecResolver } from '../specs/spec-resolver.ts';
import { unwrittenConfig } from '../specs/unwritten-config.ts';
import { workerConfig } from '../specs/worker-config.ts';
import type { NamelessConfig } from '../specs/worker-config.ts';

export interface EphemeralInstances {
  /**
   * Resolves when an instance made for the model is ready, on the device when one is named; two callers that ask for the
   * same cause one. Rejects with the failure of its first start, MEMORY_INSUFFICIENT among them, and then nothing is left
   * of it.
   */
  make(modelId: string, device?: string): Promise<void>;
  /** Resolves with its name when it is ready; rejects as `make` does, or with DEVICE_NOT_FOUND. */
  spawn(wanted: SpawnRequest): Promise<string>;
  /** Nobody uses it any more when it sleeps. */
  onReport(report: Pick<InstanceReport, 'name' | 'state'>): void;
  /** Takes it down and forgets it. */
  remove(name: string): Promise<void>;
}

interface EphemeralDeps {
  readonly declarations: Declarations;
  readonly specs: Pick<SpecResolver, 'resolve'>;
  /** Names that mean something already. */
  readonly takenNames: () => Iterable<string>;
  readonly idleTtlMs: () => number;
  /** Of the host that will run it. */
  readonly devices: () => readonly DeviceReport[];
  /** Resolves when it is ready; rejects with the failure of the first start. */
  readonly bringUp: (spec: InstanceSpec) => Promise<void>;
  /** The agent drops it, running or not. */
  readonly forget: (name: string) => void;
  readonly log: Log;
}

export function createEphemeralInstances(deps: EphemeralDeps): EphemeralInstances {
  const { declarations, log } = deps;
  const making = new Map<string, Promise<void>>();
  const reserved = new Set<string>();

  async function remove(name: string): Promise<void> {
    await declarations.forget(name);
    deps.forget(name);
  }

  /** Its name, when it is ready. */
  async function makeOne(modelId: string, config: NamelessConfig, why: string): Promise<string> {
    const name = freeName(modelId, new Set([...deps.takenNames(), ...reserved]));
    reserved.add(name);
    try {
      const spec = await deps.specs.resolve(unwrittenConfig({ ...config, name }), null);
      await declarations.declare({ spec, desired: 'running', config: null, drained: false, ephemeral: true });
      log.info({ instance: name, model: modelId }, why);
      await deps.bringUp(spec);
      return name;
    } catch (error) {
      if (declarations.get(name) !== null && !isStillComing(error)) await remove(name);
      throw error;
    } finally {
      reserved.delete(name);
    }
  }

  async function makeForRequest(modelId: string, device?: string): Promise<void> {
    const config = requestedConfig(deps, modelId, device);
    await makeOne(modelId, config, 'instance made for a model that is asked for');
  }

  return {
    remove,
    make(modelId, device) {
      const key = device === undefined ? modelId : `${modelId} ${device}`;
      const known = making.get(key);
      if (known !== undefined) return known;
      const made = makeForRequest(modelId, device).finally(() => making.delete(key));
      making.set(key, made);
      return made;
    },
    spawn: async (wanted) => makeOne(wanted.model, workerConfig(wanted, deps.devices()), 'worker spawned'),
    onReport({ name, state }) {
      if (state !== 'asleep' || !goesWithSleep(declarations.get(name))) return;
      log.info({ instance: name }, 'instance made for a request is not used any more');
      remove(name).catch((error: unknown) => log.error({ err: error, instance: name }, 'instance was not removed'));
    },
  };
}

/** A worker sleeps only to make room for another model, and comes back. */
function goesWithSleep(instance: DesiredInstance | null): boolean {
  return instance?.ephemeral === true && instance.spec.idleTtlMs !== null;
}

/** The caller waited long enough; the engine may need longer. */
function isStillComing(error: unknown): boolean {
  return error instanceof AppError && error.code === 'TIMEOUT';
}

function requestedConfig({ idleTtlMs }: EphemeralDeps, modelId: string, device?: string): NamelessConfig {
  const gpu = device === undefined || device === 'cpu' ? {} : { gpu: { devices: [device] } };
  return { model: { id: modelId }, idle_ttl: `${idleTtlMs()}ms`, ...gpu };
}

const LONGEST_SLUG = 60;

/** `Qwen2.5/7B` becomes `qwen2-5-7b`, or `qwen2-5-7b-2` when that is somebody's name. */
export function freeName(modelId: string, taken: ReadonlySet<string>): string {
  const slug = modelId
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST_SLUG)
    .replaceAll(/^-+|-+$/g, '');
  const base = INSTANCE_NAME.test(slug) ? slug : 'model';
  let name = base;
  for (let count = 2; taken.has(name); count++) name = `${base}-${count}`;
  return name;
}
