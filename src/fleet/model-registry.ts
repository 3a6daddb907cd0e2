/** The catalogue of models on this controller: what is registered, checked against its file when it enters. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { AppError, subject } from '../contract/index.ts';
import type { ModelView } from '../contract/index.ts';
import { didYouMean, isoTime } from '../kernel/index.ts';
import { describeModelFile, writeDemoModel } from '../models/index.ts';
import { getModel, listModels, registerModel, removeModel } from '../store/index.ts';
import type { ModelRecord, Store } from '../store/index.ts';

export const DEMO_MODEL_ID = 'demo';

export interface ModelRegistry {
  list(): Promise<readonly ModelView[]>;
  /** Throws MODEL_NOT_FOUND with near names. */
  get(id: string): Promise<ModelView>;
  /** Throws MODEL_FILE_MISSING or MODEL_FILE_INVALID. Registering an id again replaces its file. */
  register(entry: { readonly id: string; readonly path: string; readonly source: string }): Promise<ModelView>;
  /** Writes the constructed demo model and registers it as `demo`. */
  registerDemo(): Promise<ModelView>;
  /** Forgets the entry; the file stays. */
  remove(id: string): Promise<void>;
  /** What is registered, as of the last change: cheap and synchronous. */
  known(): ReadonlyMap<string, ModelRecord>;
}

/** Reads the catalogue once; afterwards every change goes through the registry. */
export async function createModelRegistry(deps: {
  readonly store: Store;
  readonly modelsFolder: string;
  readonly onChange: () => void;
}): Promise<ModelRegistry> {
  const { store } = deps;
  const known = new Map<string, ModelRecord>();
  for (const record of await store.read(listModels)) known.set(record.id, record);

  async function register(entry: { id: string; path: string; source: string }): Promise<ModelView> {
    const header = await describeModelFile(entry.path);
    const record = await store.write(async (tx) => {
      const stored = await registerModel(tx, {
        id: entry.id,
        state: 'ready',
        path: entry.path,
        sizeBytes: header.sizeBytes,
        sha256: null,
        architecture: header.architecture,
        quantisation: header.quantisation,
        contextLength: header.contextLength,
        parameters: header.parameters,
        source: entry.source,
      });
      tx.record({
        type: 'model.registered',
        subject: subject.model(entry.id),
        data: { path: entry.path, size_bytes: header.sizeBytes },
      });
      return stored;
    });
    known.set(record.id, record);
    deps.onChange();
    return toView(record);
  }

  return {
    known: () => known,
    list: async () => [...known.values()].map(toView),
    async get(id) {
      const record = await store.read((db) => getModel(db, id));
      if (!record) throw unknownModel(id, known.keys());
      return toView(record);
    },
    register,
    async registerDemo() {
      const path = join(deps.modelsFolder, 'demo.gguf');
      mkdirSync(deps.modelsFolder, { recursive: true });
      writeDemoModel(path);
      return register({ id: DEMO_MODEL_ID, path, source: 'demo' });
    },
    async remove(id) {
      if (!known.has(id)) throw unknownModel(id, known.keys());
      await store.write(async (tx) => {
        await removeModel(tx, id);
        tx.record({ type: 'model.removed', subject: subject.model(id), data: {} });
      });
      known.delete(id);
      deps.onChange();
    },
  };
}

export function unknownModel(id: string, known: Iterable<string>): AppError {
  const near = didYouMean(id, known);
  return new AppError('MODEL_NOT_FOUND', `no model has the id "${id}"`, {
    hint: near ?? 'run "drover models ls"',
  });
}

function toView(record: ModelRecord): ModelView {
  return {
    id: record.id,
    state: record.state,
    path: record.path,
    size_bytes: record.sizeBytes,
    sha256: record.sha256,
    architecture: record.architecture,
    quantisation: record.quantisation,
    context_length: record.contextLength,
    parameters: record.parameters,
    source: record.source,
    registered_at: isoTime(record.registeredAt),
  };
}
