/** Has models loaded and unloaded by name, whatever stands behind a name: instances, or the catalogue alone. */

import type { Loadable, ModelsPort, ServedInstance } from '../brain/index.ts';
import { AppError } from '../contract/index.ts';
import type { InstanceReport, InstanceSpec } from '../contract/index.ts';
import type { DirectoryInstance, Target } from '../gateway/index.ts';
import type { Declarations } from './declarations.ts';
import type { EphemeralInstances } from './ephemeral-instances.ts';
import type { Hosts } from './hosts.ts';
import type { InstanceDirectory } from './instance-directory.ts';
import { untilReady } from './instance-wake.ts';
import type { ModelNames } from './model-names.ts';
import type { ModelNeeds } from './model-needs.ts';

const SLEEP_ANSWER_MS = 30_000;
const AWAKE: ReadonlySet<string> = new Set(['ready', 'stopping']);

export interface ModelPlacerDeps {
  readonly names: Pick<ModelNames, 'resolve'>;
  readonly hosts: Pick<Hosts, 'localHost' | 'call' | 'instances' | 'instanceEvents'>;
  readonly declarations: Pick<Declarations, 'get'>;
  readonly directory: Pick<InstanceDirectory, 'stop'>;
  readonly ephemerals: Pick<EphemeralInstances, 'make'>;
  readonly needs: Pick<ModelNeeds, 'of'>;
  /** Slots of an instance that are held now. */
  readonly busySlots: (instance: string) => number;
}

export function createModelPlacer(deps: ModelPlacerDeps): ModelsPort {
  const { names, hosts, declarations, directory, ephemerals, needs } = deps;
  const stateOf = (name: string): InstanceReport['state'] | undefined => hosts.instances().get(name)?.state;

  function targetOf(model: string): Target {
    const target = names.resolve(model);
    if (target) return target;
    throw new AppError('MODEL_NOT_FOUND', `no instance, alias or model is named "${model}"`, {
      hint: 'run "drover models ls" and "drover ps --all"',
    });
  }

  /** Wanted running, and not there: they come when they are asked for. */
  function sleepersOf({ instances }: Target): readonly InstanceSpec[] {
    const asleep = ({ name, desired, drained }: DirectoryInstance): boolean =>
      desired === 'running' && !drained && stateOf(name) === 'asleep';
    return instances.filter(asleep).flatMap(({ name }) => declarations.get(name)?.spec ?? []);
  }

  /** Asleep or gone; or ready again, when somebody wanted it before it was. */
  function untilAtRest(name: string): { readonly reached: Promise<void>; readonly stop: () => void } {
    const { promise, resolve } = withResolver();
    const listening = hosts.instanceEvents.subscribe((event) => {
      if (event.kind === 'gone' ? event.name === name : event.report.name === name && isAtRest(event.report)) resolve();
    });
    return { reached: promise, stop: () => listening[Symbol.dispose]() };
  }

  return {
    host: hosts.localHost,
    async load(model, device) {
      const target = targetOf(model);
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
      const running = targetOf(model).instances.filter(({ desired }) => desired === 'running');
      const free = running.filter(({ name }) => declarations.get(name)?.spec.pinned !== true);
      await Promise.all(free.map(({ name }) => directory.stop(name, { force: false })));
    },
    async sleep(instance) {
      const resting = untilAtRest(instance);
      try {
        await hosts.call(hosts.localHost, { op: 'sleep', name: instance }, { timeoutMs: SLEEP_ANSWER_MS });
        if (AWAKE.has(stateOf(instance) ?? 'stopped')) await resting.reached;
      } finally {
        resting.stop();
      }
    },
    instances: () => [...hosts.instances().values()].map((report) => toServed(report, deps)),
    loadable(model) {
      const target = names.resolve(model);
      if (!target) return null;
      const sleepers = sleepersOf(target);
      if (target.kind === 'model') return withMost(needs.of(model), Number.POSITIVE_INFINITY);
      const [first] = sleepers;
      const need = first?.model.id == null ? null : needs.of(first.model.id);
      return withMost(need, sleepers.length);
    },
  };
}

function isAtRest({ state }: InstanceReport): boolean {
  return state !== 'stopping';
}

function withResolver(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}

function withMost(need: ReturnType<ModelNeeds['of']>, most: number): Loadable | null {
  return need === null || most === 0 ? null : { ...need, most };
}

const COMING: ReadonlySet<string> = new Set(['starting', 'loading']);

function toServed(report: InstanceReport, { busySlots, declarations }: ModelPlacerDeps): ServedInstance {
  const { name, modelId, aliases, devices, memoryBytes, state, slotsTotal, readyAt } = report;
  return {
    name,
    model: modelId ?? name,
    models: new Set([name, ...aliases, ...(modelId === null ? [] : [modelId])]),
    devices,
    memoryBytes,
    state: state === 'ready' ? 'ready' : COMING.has(state) ? 'coming' : 'other',
    slots: slotsTotal,
    busySlots: busySlots(name),
    readyAt,
    isPinned: declarations.get(name)?.spec.pinned ?? false,
  };
}
