/** Has models loaded and unloaded by name, whatever stands behind a name: instances, or the catalogue alone. */

import type { Loadable, ModelsPort, ServedInstance } from '../../brain/index.ts';
import { AppError } from '../../contract/index.ts';
import type { DesiredState, InstanceReport, InstanceSpec } from '../../contract/index.ts';
import type { DirectoryInstance, Target } from '../../gateway/index.ts';
import type { Declarations } from '../instances/declarations.ts';
import type { EphemeralInstances } from '../instances/ephemeral-instances.ts';
import type { Hosts } from '../hosts/hosts.ts';
import type { InstanceDirectory } from '../instances/instance-directory.ts';
import { putToSleep } from '../instances/instance-sleep.ts';
import { untilReady } from '../instances/instance-wake.ts';
import type { ModelNames } from './model-names.ts';
import { targetOf } from './model-target.ts';
import type { ModelNeeds } from './model-needs.ts';

interface ModelPlacerDeps {
  readonly names: Pick<ModelNames, 'resolve'>;
  readonly hosts: Pick<Hosts, 'localHost' | 'call' | 'instances' | 'instanceEvents'>;
  readonly declarations: Pick<Declarations, 'get' | 'all'>;
  readonly directory: Pick<InstanceDirectory, 'stop'>;
  readonly ephemerals: Pick<EphemeralInstances, 'make'>;
  readonly needs: Pick<ModelNeeds, 'of' | 'isUnreadable'>;
  /** Slots of an instance that are held now. */
  readonly busySlots: (instance: string) => number;
  /** When one was last given or came back; null when that is not known. */
  readonly usedAt: (instance: string) => number | null;
}

export function createModelPlacer(deps: ModelPlacerDeps): ModelsPort {
  const { names, hosts, declarations, directory, ephemerals, needs } = deps;
  const stateOf = (name: string): InstanceReport['state'] | undefined => hosts.instances().get(name)?.state;

  /** Wanted running, and not there: they come when they are asked for. */
  function sleepersOf({ instances }: Target): readonly InstanceSpec[] {
    const asleep = ({ name, desired, drained }: DirectoryInstance): boolean =>
      desired === 'running' && !drained && stateOf(name) === 'asleep';
    return instances.filter(asleep).flatMap(({ name }) => declarations.get(name)?.spec ?? []);
  }

  /** It can be woken when it sleeps; until then another would be made beside it. */
  const isFallingAsleep = ({ name, desired }: DirectoryInstance): boolean =>
    desired === 'running' && stateOf(name) === 'stopping';

  return {
    host: hosts.localHost,
    async load(model, device) {
      const target = targetOf(names, model);
      const [sleeper] = sleepersOf(target);
      const running = target.instances.find(({ desired }) => desired === 'running');
      const spec = sleeper ?? (device === undefined && running ? declarations.get(running.name)?.spec : undefined);
      if (spec) return untilReady(hosts, spec, 'request');
      if (target.kind === 'model') return ephemerals.make(model, device);
      throw new AppError('INSTANCE_STOPPED', `${target.kind} ${model} has no instance that shall run`, {
        hint: `run "drover up ${target.instances[0]?.name ?? model}"`,
      });
    },
    async unload(model) {
      const running = targetOf(names, model).instances.filter(({ desired }) => desired === 'running');
      const free = running.filter(({ name }) => declarations.get(name)?.spec.pinned !== true);
      await Promise.all(free.map(({ name }) => directory.stop(name, { force: false })));
    },
    sleep: (instance) => putToSleep(hosts, instance),
    instances: () => servedInstances(deps),
    loadable(model) {
      const target = names.resolve(model);
      if (!target || target.instances.some(isFallingAsleep)) return null;
      const [sleeper, ...others] = sleepersOf(target);
      if (sleeper) return loadOf(sleeper, 1 + others.length, needs);
      const need = target.kind === 'model' ? needs.of(model) : null;
      return need && { ...need, most: Number.POSITIVE_INFINITY, devices: null };
    },
    comesByRequest(model) {
      const target = names.resolve(model);
      const [sleeper] = target ? sleepersOf(target) : [];
      if (sleeper) return sleeper.gpu.split !== 'none' || sleeper.gpu.devices.length > 1 || sleeper.model.id === null;
      return target?.kind === 'model' && needs.isUnreadable(model);
    },
  };
}

const CPU = 'cpu';

/** What waking the instance takes. */
function loadOf({ model, server, gpu }: InstanceSpec, most: number, needs: Pick<ModelNeeds, 'of'>): Loadable | null {
  const need = model.id === null ? null : needs.of(model.id);
  if (need === null) return null;
  const devices = gpu.devices.length > 0 ? gpu.devices : gpu.backend === 'cpu' ? [CPU] : null;
  return { loadMs: need.loadMs, memoryBytes: model.memoryBytes, slots: server.parallel, most, devices };
}

/** What is declared, as far as it is reported; and what runs although nothing is declared of it. */
function servedInstances(deps: ModelPlacerDeps): ServedInstance[] {
  const { hosts, declarations } = deps;
  const declared = declarations.all();
  const names = new Set(declared.map(({ spec }) => spec.name));
  const undeclared = [...hosts.instances().values()].filter(({ name }) => !names.has(name));
  return [
    ...declared.map(({ spec, desired }) => toServed(spec, desired, hosts.instances().get(spec.name), deps)),
    ...undeclared.map(({ name, devices, memoryBytes, state }) => ({
      ...NOTHING_SERVED,
      name,
      model: name,
      devices,
      memoryBytes,
      state: HOLDS_MEMORY.has(state) ? ('ready' as const) : ('other' as const),
      isPinned: true,
    })),
  ];
}

/** An engine that nobody declared holds memory and serves no plan. */
const NOTHING_SERVED = { models: new Set<string>(), slots: 0, busySlots: 0, readyAt: null, usedAt: null };
const HOLDS_MEMORY: ReadonlySet<string> = new Set(['starting', 'loading', 'ready', 'unhealthy', 'stopping']);
/** It does not come by itself. */
const AT_REST: ReadonlySet<string> = new Set(['stopping', 'asleep', 'failed']);

function toServed(
  spec: InstanceSpec,
  desired: DesiredState,
  report: InstanceReport | undefined,
  { busySlots, usedAt }: ModelPlacerDeps,
): ServedInstance {
  const { name, model, pinned } = spec;
  const state = report?.state ?? 'stopped';
  return {
    name,
    model: model.id ?? name,
    models: new Set([name, ...model.aliases, ...(model.id === null ? [] : [model.id])]),
    devices: report?.devices ?? spec.gpu.devices,
    memoryBytes: report?.memoryBytes ?? model.memoryBytes,
    state: state === 'ready' ? 'ready' : desired === 'running' && !AT_REST.has(state) ? 'coming' : 'other',
    slots: report?.slotsTotal ?? spec.server.parallel,
    busySlots: busySlots(name),
    readyAt: report?.readyAt ?? null,
    usedAt: usedAt(name),
    isPinned: pinned,
  };
}
