/** Every name a request or a plan may use for a model: instances (declared or only configured), aliases, catalogue ids. */

import { listInstanceNames, loadInstance } from '../../config/index.ts';
import { createModelDirectory } from '../../gateway/index.ts';
import type { DirectoryInstance, ModelDirectory, Target } from '../../gateway/index.ts';
import type { Clock } from '../../kernel/index.ts';
import type { DesiredInstance } from '../instances/desired.ts';
import type { AutoPull } from './auto-pull.ts';
import type { ModelRegistry } from './model-registry.ts';

/** Requests for names that nobody has cost one look at the disk in this time, however many there are. */
const LOOK_MS = 250;

export interface ModelNames extends ModelDirectory {
  /** Reads the instance folder and the catalogue again. */
  refresh(): void;
  /** As `resolve`, by what was read last: for who only names what has been asked for. */
  known(name: string): Target | null;
}

export function createModelNames(deps: {
  readonly home: string;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly declared: () => readonly DesiredInstance[];
  readonly models: ModelRegistry;
  readonly autoPull: Pick<AutoPull, 'idOf'>;
  readonly lacking: ModelDirectory['lacking'];
}): ModelNames {
  const directory = createModelDirectory();
  let lookedAt = -Infinity;

  function refresh(): void {
    const declared = deps.declared();
    const known = new Set(declared.map(({ spec }) => spec.name));
    const configured = listInstanceNames(deps.home).filter((name) => !known.has(name));
    directory.setInstances([
      ...declared.map(fromDeclared),
      ...configured.flatMap((name) => fromConfig(deps.home, name)),
    ]);
    const coming = [...deps.models.all().values()].filter(({ state }) => state === 'downloading');
    directory.setModels([...deps.models.known().values(), ...coming]);
  }

  /** `drover init` writes a file and tells nobody: a look before saying that nothing has this name. */
  function lookForNew(): void {
    const now = deps.clock.monotonic();
    if (now - lookedAt < LOOK_MS) return;
    lookedAt = now;
    refresh();
  }

  /** A short name or a reference, for a model that is there or may be pulled. */
  function fromHub(name: string): Target | null {
    const id = deps.autoPull.idOf(name);
    return id === null ? null : (directory.resolve(id) ?? { kind: 'model', name: id, instances: [] });
  }

  return {
    refresh,
    list: () => directory.list(),
    model: (id) => directory.model(id),
    lacking: deps.lacking,
    known: (name) => directory.resolve(name),
    resolve(name) {
      const known = directory.resolve(name);
      if (known) return known;
      lookForNew();
      return directory.resolve(name) ?? fromHub(name);
    },
  };
}

function fromDeclared({ spec, desired, drained, ephemeral }: DesiredInstance): DirectoryInstance {
  return { name: spec.name, desired, modelId: spec.model.id, aliases: spec.model.aliases, drained, ephemeral };
}

/** An instance that nobody has started yet. */
function fromConfig(home: string, name: string): DirectoryInstance[] {
  const loaded = loadInstance(home, name);
  if (loaded.kind !== 'ok') return [];
  const { model } = loaded.config;
  return [
    { name, desired: 'stopped', modelId: model.id ?? null, aliases: model.alias, drained: false, ephemeral: false },
  ];
}
