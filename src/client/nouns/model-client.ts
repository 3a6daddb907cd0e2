/** The part of the client that is about models and their downloads. */

import type {
  CatalogEntryView,
  DownloadView,
  ModelCheckView,
  ModelDetailView,
  ModelOffer,
  ModelPiece,
  ModelUsageView,
  ModelView,
  OfferView,
  PullRequest,
  PullView,
  TakenView,
} from '../../contract/models.ts';
import { query } from './calls.ts';
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

  /** What another controller needs to know of a model; `copyModel` carries it there. */
  offerOfModel(id: string): Promise<ModelOffer>;
  offerModel(id: string, offer: ModelOffer, options: { readonly replace: boolean }): Promise<OfferView>;
  modelBytes(id: string, piece: ModelPiece): AsyncIterable<Uint8Array>;
  sendModelBytes(id: string, piece: ModelPiece, bytes: AsyncIterable<Uint8Array>): Promise<TakenView>;
}

export function createModelClient({ call, send, bytes }: Calls): ModelClient {
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
    offerOfModel: (id) => call('GET', `${modelPath(id)}/offer`),
    offerModel: (id, offer, options) =>
      call('POST', `${modelPath(id)}/offer${query({ replace: String(options.replace) })}`, offer),
    modelBytes: (id, { name, from, to }) => bytes(filePath(id, name), { range: `bytes=${from}-${to - 1}` }),
    sendModelBytes: (id, { name, from, to, size_bytes, sha256 }, stream) =>
      send({
        method: 'PUT',
        path: `${filePath(id, name)}${query({ from, size_bytes, sha256 })}`,
        stream,
        headers: { 'content-type': 'application/octet-stream', 'content-length': String(to - from) },
      }),
  };
}

function filePath(id: string, name: string): string {
  return `${modelPath(id)}/files/${encodeURIComponent(name)}`;
}

function modelPath(id: string): string {
  return `/v2/models/${encodeURIComponent(id)}`;
}
