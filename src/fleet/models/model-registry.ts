/**
 * The catalogue of models on this controller: what is known of each, checked against its files when it is shown. The only
 * writer of its rows; how files come and go is `model-files.ts` and `model-downloads.ts`.
 */

import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { AppError, subject } from '../../contract/index.ts';
import type { ModelPart, ModelView } from '../../contract/index.ts';
import { didYouMean, isoTime, statIfThere } from '../../kernel/index.ts';
import { describeModelFile, partsOf, writeDemoModel } from '../../models/index.ts';
import { tierOf } from '../../models/hub/index.ts';
import { listModels, registerModel, removeModel } from '../../store/index.ts';
import type { ModelRecord, NewModel, Store, Tx } from '../../store/index.ts';

const DEMO_MODEL_ID = 'demo';

interface NewEntry {
  readonly id: string;
  readonly path: string;
  readonly source: string;
  readonly tier?: number | undefined;
  /** Absent: the file with all its parts, their digests not known. */
  readonly files?: readonly ModelPart[];
}

export interface ModelRegistry {
  list(): Promise<readonly ModelView[]>;
  /** Throws MODEL_NOT_FOUND with near names. */
  get(id: string): Promise<ModelView>;
  /** Throws MODEL_FILE_MISSING or MODEL_FILE_INVALID. Registering an id again replaces its files. */
  register(entry: NewEntry): Promise<ModelView>;
  /** Writes the constructed demo model and registers it as `demo`. */
  registerDemo(): Promise<ModelView>;
  /** It stays in the catalogue and nothing may use it; its files stay. */
  retire(id: string): Promise<ModelView>;
  /** The row that `change` has written in its transaction, null for one that it has removed, is what is known from then on. */
  write(id: string, change: (tx: Tx) => Promise<ModelRecord | null>): Promise<void>;
  /** Throws MODEL_NOT_FOUND with near names. */
  record(id: string): ModelRecord;
  /** All there are, as of the last change: cheap and synchronous, as is the next. */
  all(): ReadonlyMap<string, ModelRecord>;
  /** Those that have files and may be used. */
  known(): ReadonlyMap<string, ModelRecord>;
}

interface ModelRegistryDeps {
  readonly store: Store;
  readonly modelsFolder: string;
  /** The host of this controller. */
  readonly host: string;
  readonly onChange: (modelId: string) => void;
}

/** Reads the catalogue once; afterwards every change goes through the registry. */
export async function createModelRegistry(deps: ModelRegistryDeps): Promise<ModelRegistry> {
  const { store } = deps;
  const all = new Map<string, ModelRecord>();
  let usable = new Map<string, ModelRecord>();
  for (const stored of await store.read(listModels)) all.set(stored.id, stored);
  sift();

  function sift(): void {
    usable = new Map([...all].filter(([, { path, state }]) => path !== '' && state !== 'retired'));
  }

  async function write(id: string, change: (tx: Tx) => Promise<ModelRecord | null>): Promise<void> {
    const changed = await store.write(change);
    if (changed === null) all.delete(id);
    else all.set(id, changed);
    sift();
    deps.onChange(id);
  }

  function record(id: string): ModelRecord {
    const found = all.get(id);
    if (found === undefined) throw unknownModel(id, all.keys());
    return found;
  }

  async function register(entry: NewEntry): Promise<ModelView> {
    const model = await readyModel(entry, deps.host);
    await write(entry.id, (tx) => recordReady(tx, model));
    return toView(record(entry.id));
  }

  return {
    all: () => all,
    known: () => usable,
    record,
    write,
    list: async () => [...all.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(toView),
    get: async (id) => toView(record(id)),
    register,
    async registerDemo() {
      const path = join(deps.modelsFolder, 'demo.gguf');
      mkdirSync(deps.modelsFolder, { recursive: true });
      writeDemoModel(path);
      return register({ id: DEMO_MODEL_ID, path, source: 'demo' });
    },
    async retire(id) {
      const { registeredAt: _, ...model } = record(id);
      await write(id, async (tx) => {
        tx.record({ type: 'model.retired', subject: subject.model(id), data: {} });
        return registerModel(tx, { ...model, state: 'retired' });
      });
      return toView(record(id));
    },
  };
}

/** Reads what its file says of itself. */
export async function readyModel({ id, path, source, tier, files }: NewEntry, host: string): Promise<NewModel> {
  const header = await describeModelFile(path);
  const parts = files ?? partsOf(path).map(ownPart);
  return {
    id,
    state: 'ready',
    path: parts[0]?.path ?? path,
    sizeBytes: parts.reduce((sum, part) => sum + part.size_bytes, 0),
    sha256: parts[0]?.sha256 ?? null,
    architecture: header.architecture,
    quantisation: header.quantisation,
    contextLength: header.contextLength,
    parameters: header.parameters,
    source,
    tier: tier ?? null,
    files: parts,
    hosts: [host],
    reason: null,
  };
}

/** Of a file that was registered where it lies. */
function ownPart(path: string): ModelPart {
  return { path, size_bytes: statSync(path).size, sha256: null, role: 'weights' };
}

export async function recordReady(tx: Tx, model: NewModel): Promise<ModelRecord> {
  const { path, sizeBytes } = model;
  tx.record({ type: 'model.registered', subject: subject.model(model.id), data: { path, size_bytes: sizeBytes } });
  return registerModel(tx, model);
}

/** What it was made of stays on its disks. */
export async function recordRemoved(tx: Tx, id: string): Promise<null> {
  await removeModel(tx, id);
  tx.record({ type: 'model.removed', subject: subject.model(id), data: {} });
  return null;
}

export function unknownModel(id: string, known: Iterable<string>): AppError {
  const near = didYouMean(id, known);
  return new AppError('MODEL_NOT_FOUND', `no model has the id "${id}"`, {
    hint: near ?? 'run "drover models ls"',
  });
}

/** With a look at the disk: a file that is gone makes it failed, whatever the row says. */
function toView(record: ModelRecord): ModelView {
  const gone = record.state === 'ready' ? record.files.find(({ path }) => !isFile(path)) : undefined;
  return {
    id: record.id,
    state: gone === undefined ? record.state : 'failed',
    reason: gone === undefined ? record.reason : `${gone.path} is gone`,
    path: record.path,
    files: record.files,
    size_bytes: record.sizeBytes,
    sha256: record.sha256,
    architecture: record.architecture,
    quantisation: record.quantisation,
    context_length: record.contextLength,
    parameters: record.parameters,
    tier: record.tier ?? tierOf(record.parameters),
    hosts: record.hosts,
    source: record.source,
    registered_at: isoTime(record.registeredAt),
  };
}

function isFile(path: string): boolean {
  return statIfThere(path)?.isFile() === true;
}
