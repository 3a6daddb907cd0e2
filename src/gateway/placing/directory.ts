/** The model directory in memory: what every name means. Fed with the declared instances and the catalogue. */

import type { DirectoryInstance, DirectoryModel, ModelDirectory, Target } from '../types.ts';

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
    resolve: (name) => targets.get(name) ?? targets.get(untagged(name)) ?? targets.get(bySource(name, models)) ?? null,
    list: () => [...targets.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    model: (id) => models.find((model) => model.id === id) ?? null,
    lacking: () => null,
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

/** Ollama's clients add the tag that they hold for the usual one. */
function untagged(name: string): string {
  return name.replace(/:latest$/, '');
}

/** The id of what was fetched from there. */
function bySource(name: string, models: readonly DirectoryModel[]): string {
  return name.startsWith('hf:') ? (models.find(({ source }) => source === name)?.id ?? '') : '';
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
