/**
 * Models that go from one Drover to another, both ends of it: what is offered there, what arrives here. Knows neither the
 * way between them nor who walks it. What has come of a model is known by its files alone, so either end may be killed
 * at any instant; an entry is written when the last byte is there and verified.
 */

import { join } from 'node:path';

import { AppError } from '../../contract/index.ts';
import type { ModelOffer, ModelPart, ModelPiece, ModelView, OfferView, TakenView } from '../../contract/index.ts';
import { createTurns } from '../../kernel/index.ts';
import type { Clock } from '../../kernel/index.ts';
import { digestFile } from '../../models/index.ts';
import {
  assertRoom,
  digestOfWhole,
  doneOf,
  fileNameOf,
  freeBytesOf,
  PartFile,
  piecesLeft,
} from '../../models/hub/index.ts';
import type { ModelRecord } from '../../store/index.ts';
import type { Arrivals } from './arrivals.ts';
import type { ModelFiles } from './model-files.ts';
import { assertIdle, assertUnused } from './model-files.ts';
import { readyModel, recordReady } from './model-registry.ts';
import type { ModelRegistry } from './model-registry.ts';
import { receivePiece } from './received-piece.ts';

export interface ModelCopies {
  /** What another Drover needs to know to take the model over. Rejects with MODEL_BUSY or MODEL_FILE_MISSING. */
  offerOf(id: string): Promise<ModelOffer>;
  /** Where a file of an offer lies. Throws MODEL_FILE_MISSING. */
  fileOf(id: string, name: string): ModelPart;
  /**
   * Tells what is missing of a model; when nothing is, verifies it and puts it into the catalogue. Rejects with MODEL_BUSY,
   * DISK_FULL, DOWNLOAD_CORRUPT, or with MODEL_EXISTS for another model of that id that shall not be replaced.
   */
  take(id: string, offer: ModelOffer, options: { readonly replace: boolean }): Promise<OfferView>;
  /** Keeps what comes, also when it breaks off. */
  receive(id: string, piece: Omit<ModelPiece, 'to'>, bytes: AsyncIterable<Buffer>): Promise<TakenView>;
}

interface ModelCopiesDeps {
  readonly models: ModelRegistry;
  readonly files: Pick<ModelFiles, 'verify' | 'removeFiles'>;
  readonly folder: string;
  /** The host of this controller. */
  readonly host: string;
  /** Instances that shall run and use the model. */
  readonly usersOf: (id: string) => readonly string[];
  readonly arrivals: Pick<Arrivals, 'note'>;
  readonly clock: Clock;
}

export function createModelCopies(deps: ModelCopiesDeps): ModelCopies {
  const { models, files, folder } = deps;
  const inTurn = createTurns();
  const placeOf = (id: string, name: string): string => join(folder, id, name);

  async function offerOf(id: string): Promise<ModelOffer> {
    const { state } = await models.get(id);
    if (state === 'downloading') throw new AppError('MODEL_BUSY', `${id} is being downloaded`);
    // Files that were only registered get their digests so.
    if (models.record(id).files.some(({ sha256 }) => sha256 === null)) await files.verify(id);
    return toOffer(await models.get(id));
  }

  async function take(id: string, offer: ModelOffer, replace: boolean): Promise<OfferView> {
    const known = models.all().get(id);
    if (known !== undefined) {
      assertIdle(known);
      const isSame = await isSameModel(known, offer);
      const model = isSame ? await models.get(id) : null;
      if (model?.state === 'ready') return { kind: 'present', model };
      if (!isSame && !replace) throw anotherModel(known);
      assertUnused(id, deps.usersOf(id));
    }
    const coming = await comingOf(id, offer);
    const bytes = coming.reduce((sum, { size_bytes: size, done }) => sum + size - bytesIn(done), 0);
    if (bytes === 0) return { kind: 'arrived', model: await settle(id, offer, known) };
    // Before a list is made of pieces that no disk holds.
    await assertRoom(id, { missing: bytes, folder, freeBytes: freeBytesOf });
    const missing = coming.flatMap(({ done, name, size_bytes, sha256 }) =>
      piecesLeft(size_bytes, done).map((range) => ({ name, size_bytes, sha256, ...range })),
    );
    const total = offer.files.reduce((sum, { size_bytes: size }) => sum + size, 0);
    return { kind: 'wanted', received_bytes: total - bytes, total_bytes: total, missing };
  }

  /** Files that are not whole, with what is there of them. */
  async function comingOf(id: string, offer: ModelOffer): Promise<readonly Coming[]> {
    const each = offer.files.map(async (file) => {
      const [target, content] = [placeOf(id, file.name), { sizeBytes: file.size_bytes, sha256: file.sha256 }];
      if ((await digestOfWhole(target, content)) !== null) return [];
      return [{ ...file, done: await doneOf(target, content) }];
    });
    return (await Promise.all(each)).flat();
  }

  /** All bytes are there. */
  async function settle(id: string, offer: ModelOffer, before: ModelRecord | undefined): Promise<ModelView> {
    for (const file of offer.files) await settleFile(placeOf(id, file.name), file);
    const parts = offer.files.map(({ name, ...file }) => ({ path: placeOf(id, name), ...file }));
    const { source, tier } = offer;
    const model = await readyModel({ id, path: parts[0]?.path ?? '', source, tier, files: parts }, deps.host);
    await models.write(id, (tx) => recordReady(tx, model));
    const kept = new Set(parts.map(({ path }) => path));
    await files.removeFiles((before?.files ?? []).filter(({ path }) => !kept.has(path)));
    return models.get(id);
  }

  return {
    offerOf,
    fileOf(id, name) {
      const found = models.record(id).files.find(({ path }) => fileNameOf(path) === name);
      if (found === undefined) throw new AppError('MODEL_FILE_MISSING', `${id} has no file ${name}`);
      return found;
    },
    take(id, offer, { replace }) {
      deps.arrivals.note(id);
      return inTurn(id, () => take(id, offer, replace));
    },
    receive(id, piece, bytes) {
      deps.arrivals.note(id);
      return inTurn(id, () => receivePiece(placeOf(id, piece.name), piece, bytes, deps.clock));
    },
  };
}

/** `done`: bytes of each chunk that are there. */
type Coming = ModelOffer['files'][number] & { readonly done: readonly number[] };

function bytesIn(done: readonly number[]): number {
  return done.reduce((sum, bytes) => sum + bytes, 0);
}

function toOffer({ id, state, reason, source, tier, files }: ModelView): ModelOffer {
  if (state === 'failed') throw new AppError('MODEL_FILE_MISSING', `${id} cannot be copied: ${reason ?? state}`);
  return {
    source,
    tier,
    files: files.map(({ path, size_bytes, sha256, role }) => {
      if (sha256 === null) throw new AppError('MODEL_FILE_MISSING', `${path} cannot be read`);
      return { name: fileNameOf(path), size_bytes, sha256, role };
    }),
  };
}

/** By what its files hold, wherever they lie. */
async function isSameModel({ files }: ModelRecord, offer: ModelOffer): Promise<boolean> {
  if (files.length !== offer.files.length) return false;
  for (const [at, { path, size_bytes, sha256 }] of files.entries()) {
    const offered = offer.files[at];
    if (offered?.size_bytes !== size_bytes) return false;
    const digest = sha256 ?? (await digestFile(path).catch(() => null)); // a file that is gone is another one
    if (digest !== offered.sha256) return false;
  }
  return true;
}

async function settleFile(target: string, { name, size_bytes, sha256 }: ModelOffer['files'][number]): Promise<void> {
  const content = { sizeBytes: size_bytes, sha256 };
  if ((await doneOf(target, content)).length === 0) return; // whole already: else it would be missing
  const part = await PartFile.open(target, content);
  await part.close();
  const { isRight, sha256: found } = await part.settle();
  if (isRight) return;
  throw new AppError('DOWNLOAD_CORRUPT', `${name} came with SHA-256 ${found}, and shall have ${sha256}`, {
    hint: 'run "drover models verify" where it comes from, then copy it again',
  });
}

function anotherModel({ id, source }: ModelRecord): AppError {
  return new AppError('MODEL_EXISTS', `"${id}" is another model there: ${source}`, {
    hint: 'copy it with --force, or run "drover models rm" there first',
  });
}
