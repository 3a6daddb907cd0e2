/** The part of the client that is about models and their downloads. */

import type {
  CatalogEntryView,
  DownloadView,
  ModelCheckView,
  ModelDetailView,
  ModelUsageView,
  ModelView,
  PullRequest,
  PullView,
} from '../contract/models.ts';
import type { Calls } from './calls.ts';

/** A file on the host of the controller. */
export interface ModelFileEntry {
  readonly id: string;
  readonly path: string;
  readonly tier?: number | undefined;
}

export interface ModelClient {
  models(): Promise<readonly ModelView[]>;
  model(id: string): Promise<ModelDetailView>;
  catalog(): Promise<readonly CatalogEntryView[]>;
  registerModel(model: ModelFileEntry): Promise<ModelView>;
  /** Copies the file. */
  importModel(model: ModelFileEntry): Promise<ModelView>;
  registerDemoModel(): Promise<ModelView>;
  retireModel(id: string): Promise<ModelView>;
  verifyModel(id: string): Promise<ModelCheckView>;
  removeModel(id: string): Promise<void>;
  modelUsage(): Promise<ModelUsageView>;
  pruneModels(): Promise<ModelUsageView['entries']>;

  /** Resolves when the download has begun. */
  pullModel(request: PullRequest): Promise<PullView>;
  downloads(): Promise<readonly DownloadView[]>;
  cancelDownload(model: string): Promise<void>;
}

export function createModelClient({ call }: Calls): ModelClient {
  return {
    models: () => call('GET', '/v2/models'),
    model: (id) => call('GET', modelPath(id)),
    catalog: () => call('GET', '/v2/models/catalog'),
    registerModel: (model) => call('POST', '/v2/models', model),
    importModel: (model) => call('POST', '/v2/models/import', model),
    registerDemoModel: () => call('POST', '/v2/models/demo'),
    retireModel: (id) => call('POST', `${modelPath(id)}/unregister`),
    verifyModel: (id) => call('POST', `${modelPath(id)}/verify`),
    removeModel: (id) => call('DELETE', modelPath(id)),
    modelUsage: () => call('GET', '/v2/models/usage'),
    pruneModels: () => call('POST', '/v2/models/prune'),
    pullModel: (request) => call('POST', '/v2/models/pull', request),
    downloads: () => call('GET', '/v2/models/downloads'),
    cancelDownload: (model) => call('POST', `${modelPath(model)}/cancel`),
  };
}

function modelPath(id: string): string {
  return `/v2/models/${encodeURIComponent(id)}`;
}
