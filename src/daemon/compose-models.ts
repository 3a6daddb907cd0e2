/** The controller's parts around models: the catalogue, its files, their downloads and copies, and pulls that requests cause. */

import type { HomePaths, LiveSettings } from '../config/index.ts';
import {
  createArrivals,
  createAutoPull,
  createModelCopies,
  createModelDownloads,
  createModelFiles,
  createModelRegistry,
} from '../fleet/index.ts';
import type { AutoPull, Hosts, ModelCopies, ModelDownloads, ModelFiles, ModelRegistry } from '../fleet/index.ts';
import { systemRandom } from '../kernel/index.ts';
import type { Clock, Log, Scope } from '../kernel/index.ts';
import { findHubModel, hubToken } from '../models/hub/index.ts';
import type { Store } from '../store/index.ts';

export interface ModelParts {
  readonly models: ModelRegistry;
  readonly modelFiles: ModelFiles;
  readonly modelCopies: ModelCopies;
  readonly modelDownloads: ModelDownloads;
  readonly autoPull: AutoPull;
}

export interface ModelPartsDeps {
  readonly paths: HomePaths;
  readonly settings: LiveSettings;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly scope: Scope;
  readonly localHost: string;
  readonly hosts: () => Hosts;
  /** Instances that shall run, with the models they serve. */
  readonly running: () => readonly { readonly name: string; readonly modelId: string | null }[];
  /** What a name means may have changed. */
  readonly onChange: (modelId: string) => void;
}

export async function composeModels(deps: ModelPartsDeps): Promise<ModelParts> {
  const { paths, settings, store, clock } = deps;
  const models = await createModelRegistry({
    store,
    modelsFolder: paths.models,
    host: deps.localHost,
    onChange: deps.onChange,
  });
  const usersOf = (id: string): readonly string[] =>
    deps.running().flatMap(({ name, modelId }) => (modelId === id ? [name] : []));
  const arrivals = createArrivals(clock);
  const modelFiles = createModelFiles({ models, folder: paths.models, usersOf, arrivals });
  const modelCopies = createModelCopies({
    models,
    files: modelFiles,
    folder: paths.models,
    host: deps.localHost,
    usersOf,
    arrivals,
    clock,
  });
  const modelDownloads = createModelDownloads({
    store,
    models,
    hosts: deps.hosts,
    find: (reference, token, signal) => {
      const hub = { endpoint: settings.current().hubEndpoint, token: token ?? hubToken(process.env) };
      return findHubModel(reference, { hub, clock, random: systemRandom }, signal);
    },
    isOffline: () => settings.current().offline,
    clock,
    log: deps.log.child({ component: 'models' }),
    signal: deps.scope.signal,
  });
  const autoPull = createAutoPull({
    models,
    downloads: modelDownloads,
    isAllowed: () => settings.current().autoPull,
  });
  return { models, modelFiles, modelCopies, modelDownloads, autoPull };
}
