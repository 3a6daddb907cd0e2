/**
 * The files of models on the controller's own host: brought in, verified, removed, counted, and cleared of what nobody
 * needs. Files outside of the folder of models are somebody else's: they are read and never touched.
 */

import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';

import { AppError, subject } from '../../contract/index.ts';
import type { ModelCheckView, ModelPart, ModelUsageView, ModelView } from '../../contract/index.ts';
import { createTurns } from '../../kernel/index.ts';
import { describeModelFile, digestFile, partsOf } from '../../models/index.ts';
import { freeBytesOf } from '../../models/hub/index.ts';
import { registerModel } from '../../store/index.ts';
import type { ModelRecord } from '../../store/index.ts';
import type { Arrivals } from './arrivals.ts';
import { recordRemoved } from './model-registry.ts';
import type { ModelRegistry } from './model-registry.ts';

interface ImportedFile {
  readonly id: string;
  readonly path: string;
  readonly tier?: number | undefined;
}

export interface ModelFiles {
  /** Copies a file into the folder of models and registers the copy. Rejects with MODEL_EXISTS, MODEL_FILE_… or DISK_FULL. */
  import(entry: ImportedFile): Promise<ModelView>;
  /** Reads every byte. What is found is written down: a model that is not what it was is failed. */
  verify(id: string): Promise<ModelCheckView>;
  /** The entry stays, and nothing may use it; its files stay until a prune. Rejects with MODEL_BUSY. */
  retire(id: string): Promise<ModelView>;
  /** The entry goes, and its files where they are ours. Rejects with MODEL_BUSY. */
  remove(id: string): Promise<void>;
  /** Those that are ours. */
  removeFiles(files: readonly Pick<ModelPart, 'path'>[]): Promise<void>;
  usage(): Promise<ModelUsageView>;
  /** Removes what nobody needs, and tells what that was. */
  prune(): Promise<ModelUsageView['entries']>;
}

interface ModelFilesDeps {
  readonly models: ModelRegistry;
  readonly folder: string;
  /** Instances that shall run and use the model. */
  readonly usersOf: (id: string) => readonly string[];
  readonly arrivals: Pick<Arrivals, 'has'>;
}

type Verdict = ModelCheckView['files'][number];

export function createModelFiles({ models, folder, usersOf, arrivals }: ModelFilesDeps): ModelFiles {
  const inTurn = createTurns();
  const isOurs = (path: string): boolean => path.startsWith(`${folder}${sep}`);

  function assertFree(id: string): ModelRecord {
    const record = models.record(id);
    assertIdle(record);
    assertUnused(id, usersOf(id));
    return record;
  }

  async function removeFiles(files: readonly Pick<ModelPart, 'path'>[]): Promise<void> {
    for (const { path } of files) if (isOurs(path)) await rm(path, { force: true });
  }

  async function usage(): Promise<ModelUsageView> {
    const entries = await entriesOf(folder, [...models.all().values()], arrivals);
    const total = entries.reduce((sum, entry) => sum + entry.size_bytes, 0);
    return { folder, total_bytes: total, free_bytes: await freeBytesOf(folder), entries };
  }

  async function bringIn({ id, path, tier }: ImportedFile): Promise<ModelView> {
    if (models.all().has(id)) {
      throw new AppError('MODEL_EXISTS', `"${id}" is in the catalogue`, { hint: 'choose another id with --name' });
    }
    const { sizeBytes } = await describeModelFile(path);
    await assertRoom(sizeBytes, folder);
    await mkdir(join(folder, id), { recursive: true, mode: 0o700 });
    const files: ModelPart[] = [];
    for (const part of partsOf(path)) files.push(await importPart(part, join(folder, id, basename(part))));
    return models.register({ id, path: files[0]?.path ?? '', source: 'import', tier, files });
  }

  return {
    import: (entry) => inTurn(entry.id, () => bringIn(entry)),
    async verify(id) {
      const record = models.record(id);
      assertIdle(record);
      const files = await Promise.all(record.files.map(verdictOn));
      const wrong = files.find(({ verdict }) => verdict !== 'ok');
      const ok = wrong === undefined && files.length > 0;
      await noteVerdict(models, record, ok ? null : reasonOf(wrong), files);
      return { model: id, ok, files };
    },
    async retire(id) {
      assertFree(id);
      return models.retire(id);
    },
    async remove(id) {
      const record = assertFree(id);
      await models.write(id, (tx) => recordRemoved(tx, id));
      await removeFiles(record.files);
      await rm(join(folder, id), { recursive: true, force: true });
    },
    removeFiles,
    usage,
    async prune() {
      const { entries } = await usage();
      const left = entries.filter(({ needed }) => !needed);
      for (const { path } of left) await rm(path, { force: true });
      await removeEmptyFolders(folder);
      return left;
    },
  };
}

/** Throws MODEL_BUSY. */
export function assertUnused(id: string, users: readonly string[]): void {
  if (users.length === 0) return;
  throw new AppError('MODEL_BUSY', `${id} is used by ${users.join(', ')}`, {
    hint: `run "drover down ${users[0] ?? ''}" first`,
  });
}

/** Throws MODEL_BUSY. */
export function assertIdle({ id, state }: ModelRecord): void {
  if (state !== 'downloading') return;
  throw new AppError('MODEL_BUSY', `${id} is being downloaded`, { hint: `run "drover models cancel ${id}"` });
}

async function importPart(path: string, target: string): Promise<ModelPart> {
  await copyFile(path, `${target}.part`, constants.COPYFILE_FICLONE);
  await chmod(`${target}.part`, 0o600);
  await rename(`${target}.part`, target);
  const { size } = await stat(target);
  return { path: target, size_bytes: size, sha256: await digestFile(target), role: 'weights' };
}

async function assertRoom(size: number, folder: string): Promise<void> {
  const free = await freeBytesOf(folder);
  if (size <= free) return;
  throw new AppError('DISK_FULL', `a copy takes ${size} bytes, and ${folder} has ${free} free`, {
    hint: 'run "drover models register ID FILE": the file stays where it is',
  });
}

async function verdictOn({ path, size_bytes: size, sha256 }: ModelPart): Promise<Verdict> {
  const there = await stat(path).catch(() => null);
  if (there === null) return { path, verdict: 'missing', sha256: null };
  if (there.size !== size) return { path, verdict: 'size', sha256: null };
  const found = await digestFile(path).catch(() => null);
  if (found === null) return { path, verdict: 'unreadable', sha256: null };
  return { path, verdict: sha256 === null || sha256 === found ? 'ok' : 'digest', sha256: found };
}

const REASONS = {
  ok: 'is as it was',
  missing: 'is gone',
  size: 'has another size',
  digest: 'has another SHA-256',
  unreadable: 'cannot be read',
} as const;

function reasonOf(wrong: Verdict | undefined): string {
  return wrong === undefined ? 'it has no files' : `${wrong.path} ${REASONS[wrong.verdict]}`;
}

/** A digest that was not known is from now on. */
async function noteVerdict(
  models: ModelRegistry,
  record: ModelRecord,
  reason: string | null,
  files: readonly Verdict[],
): Promise<void> {
  const { registeredAt: _, ...model } = record;
  const parts = record.files.map((part, at) => ({ ...part, sha256: part.sha256 ?? files[at]?.sha256 ?? null }));
  const state = record.state === 'retired' ? 'retired' : reason === null ? 'ready' : 'failed';
  await models.write(record.id, async (tx) => {
    if (reason !== null && record.state !== 'failed') {
      tx.record({ type: 'model.failed', subject: subject.model(record.id), data: { reason } });
    }
    return registerModel(tx, { ...model, state, reason, files: parts, sha256: parts[0]?.sha256 ?? null });
  });
}

/** Files of the folder, the largest first. */
async function entriesOf(
  folder: string,
  records: readonly ModelRecord[],
  arrivals: Pick<Arrivals, 'has'>,
): Promise<ModelUsageView['entries']> {
  const owners = new Map(records.flatMap((record) => record.files.map(({ path }) => [path, record] as const)));
  const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const entries = await Promise.all(
    files.map(async (path) => {
      const [first = ''] = relative(folder, path).split(sep);
      const owner = owners.get(path);
      const coming = records.find(({ id, state }) => id === first && state === 'downloading');
      const { blocks } = await stat(path);
      const needed = (owner !== undefined && owner.state !== 'retired') || coming !== undefined || arrivals.has(first);
      return { path, size_bytes: blocks * 512, model: owner?.id ?? coming?.id ?? null, needed };
    }),
  );
  return entries.toSorted((a, b) => b.size_bytes - a.size_bytes);
}

async function removeEmptyFolders(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && (await readdir(path)).length === 0) await rm(path, { recursive: true, force: true });
  }
}
