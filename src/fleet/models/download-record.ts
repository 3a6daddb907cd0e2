/** What is written of a download: its row, the entry of its model and the fact of it, each time in one transaction. */

import { AppError, subject } from '../../contract/index.ts';
import type { FetchedFiles } from '../../contract/index.ts';
import { baseName, fileNameOf } from '../../models/hub/index.ts';
import type { HubModel } from '../../models/hub/index.ts';
import { addModelDownload, registerModel, removeModelDownload } from '../../store/index.ts';
import type { ModelDownload, ModelRecord, Tx } from '../../store/index.ts';
import { readyModel, recordReady, recordRemoved } from './model-registry.ts';
import type { ModelRegistry } from './model-registry.ts';
import { comingModel } from './pull-wish.ts';
import type { Wish } from './pull-wish.ts';

/** One that has ended meanwhile is left as it is by the next two. */
export interface DownloadRecord {
  started(wish: Wish, found: HubModel, host: string): Promise<ModelDownload>;
  /** Resolves with the bytes of all its files. Rejects with MODEL_FILE_INVALID for files that are no model. */
  finished(download: ModelDownload, files: FetchedFiles, tier: number | null): Promise<number>;
  failed(download: ModelDownload, error: AppError): Promise<void>;
  /** Nothing is known of the model any more. */
  cancelled(model: string): Promise<void>;
}

export function createDownloadRecord(models: Pick<ModelRegistry, 'all' | 'record' | 'write'>): DownloadRecord {
  /** Whoever removes the row says what becomes of the model. */
  async function end({ model }: ModelDownload, change: (tx: Tx) => Promise<ModelRecord>): Promise<void> {
    await models.write(model, async (tx) =>
      (await removeModelDownload(tx, model)) ? change(tx) : (models.all().get(model) ?? null),
    );
  }

  return {
    async started(wish, found, host) {
      const order = orderOf(wish.id, found);
      const sizeBytes = order.files.reduce((sum, file) => sum + file.sizeBytes, 0);
      const { id: model, source: reference } = wish;
      let stored: ModelDownload | null = null;
      await models.write(model, async (tx) => {
        stored = await addModelDownload(tx, { model, reference, revision: found.revision, host, order });
        const data = { reference, revision: found.revision, host, size_bytes: sizeBytes };
        tx.record({ type: 'model.download_started', subject: subject.model(model), data });
        return registerModel(tx, comingModel(wish, { sizeBytes, quantisation: found.quantisation }));
      });
      if (stored === null) throw new AppError('INTERNAL', 'a download was not stored');
      return stored;
    },
    async finished(download, fetched, tier) {
      const { model: id, reference: source, host } = download;
      const ready = await readyModel({ id, path: fetched[0]?.path ?? '', source, files: fetched.map(partOf) }, host);
      await end(download, async (tx) => {
        const data = { host, size_bytes: ready.sizeBytes, ms: tx.now - download.startedAt };
        tx.record({ type: 'model.downloaded', subject: subject.model(id), data });
        return recordReady(tx, { ...ready, tier });
      });
      return ready.sizeBytes;
    },
    async failed(download, { code, message: reason, hint = null }) {
      await end(download, async (tx) => {
        const { registeredAt: _, ...known } = models.record(download.model);
        tx.record({ type: 'model.download_failed', subject: subject.model(known.id), data: { code, reason, hint } });
        return registerModel(tx, { ...known, state: 'failed', reason });
      });
    },
    async cancelled(model) {
      await models.write(model, async (tx) => {
        await removeModelDownload(tx, model);
        tx.record({ type: 'model.download_cancelled', subject: subject.model(model), data: {} });
        return recordRemoved(tx, model);
      });
    },
  };
}

function orderOf(model: string, { files }: HubModel): ModelDownload['order'] {
  return {
    model,
    files: files.map(({ url, path, sizeBytes, sha256 }) => ({ url, name: fileNameOf(path), sizeBytes, sha256 })),
  };
}

function partOf({ path, sizeBytes, sha256 }: FetchedFiles[number]) {
  const isProjector = baseName(path).toLowerCase().includes('mmproj');
  return { path, size_bytes: sizeBytes, sha256, role: isProjector ? ('projector' as const) : ('weights' as const) };
}
