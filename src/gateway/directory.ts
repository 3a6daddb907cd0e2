/** The model directory in memory: what every name means. Fed with the declared instances and the catalogue. */

import type { DirectoryInstance, DirectoryModel, ModelDirectory, Target } from './types.ts';

export interface FedModelDirectory extends ModelDirectory {
  setInstances(instances: readonly DirectoryInstance[]): void;
  setModels(models: readonly DirectoryModel[]): void;
}

export function createModelDirectory(): FedModelDirectory {
  let instances: readonly DirectoryInstance[] = [];
  let models: readonly DirectoryModel[] = [];
  let targets = new Map<string, Target>();

  function rebuild(): void {
    const configured = instances.filter(({ ephemeral }) => !ephemeral);
    targets = new Map([
      ...instanceTargets(instances),
      ...modelTargets(models, instances),
      ...aliasTargets(instances),
      ...instanceTargets(configured),
    ]);
  }

  return {
    resolve: (name) => targets.get(name) ?? null,
    list: () => [...targets.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    registeredAt: (name) => models.find((model) => model.id === name)?.registeredAt ?? null,
    setInstances(next) {
      instances = next.toSorted((a, b) => (a.name < b.name ? -1 : 1));
      rebuild();
    },
    setModels(next) {
      models = next;
      rebuild();
    },
  };
}

function instanceTargets(instances: readonly DirectoryInstance[]): readonly (readonly [string, Target])[] {
  return instances.map((instance) => [instance.name, { kind: 'instance', name: instance.name, instances: [instance] }]);
}

function aliasTargets(instances: readonly DirectoryInstance[]): readonly (readonly [string, Target])[] {
  const aliases = new Set(instances.flatMap((instance) => instance.aliases));
  return [...aliases].map((name) => [
    name,
    { kind: 'alias', name, instances: instances.filter((instance) => instance.aliases.includes(name)) },
  ]);
}

function modelTargets(
  models: readonly DirectoryModel[],
  instances: readonly DirectoryInstance[],
): readonly (readonly [string, Target])[] {
  return models.map(({ id }) => [
    id,
    { kind: 'model', name: id, instances: instances.filter((instance) => instance.modelId === id) },
  ]);
}
