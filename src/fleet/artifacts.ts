/** Bytes that clients leave with the controller, each named by its SHA-256: one file each, however many own it. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { AppError } from '../contract/index.ts';
import { createTurns, randomToken } from '../kernel/index.ts';
import { addArtifact, listArtifacts, removeArtifact } from '../store/index.ts';
import type { ArtifactRecord, Store } from '../store/index.ts';

export const LARGEST_ARTIFACT_BYTES = 256 * 1024 * 1024;

export interface Artifacts {
  /** The same bytes are the same artifact; `isNew` is false when this owner had it. Rejects with BODY_TOO_LARGE. */
  keep(
    owner: string,
    contentType: string,
    bytes: AsyncIterable<Buffer>,
  ): Promise<{ readonly artifact: ArtifactRecord; readonly isNew: boolean }>;
  /** Newest first; `owner` null: of everybody. */
  list(owner: string | null): Promise<readonly ArtifactRecord[]>;
  /** Rejects with ARTIFACT_NOT_FOUND. */
  find(digest: string, owner: string | null): Promise<ArtifactRecord>;
  read(artifact: ArtifactRecord): NodeJS.ReadableStream;
  /** The file goes with its last owner. */
  remove(artifact: ArtifactRecord): Promise<void>;
}

export function createArtifacts({ store, folder }: { readonly store: Store; readonly folder: string }): Artifacts {
  const inTurn = createTurns();
  const fileOf = (digest: string): string => join(folder, digest);

  async function find(digest: string, owner: string | null): Promise<ArtifactRecord> {
    const [found] = await store.read((db) => listArtifacts(db, { owner, digest }));
    if (found !== undefined) return found;
    throw new AppError('ARTIFACT_NOT_FOUND', `there is no artifact sha256:${digest} of yours`, {
      hint: 'GET /v2/artifacts lists them',
    });
  }

  return {
    async keep(owner, contentType, bytes) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const incoming = join(folder, `.${randomToken(12)}.incoming`);
      try {
        const { digest, sizeBytes } = await writeHashed(incoming, bytes);
        return await inTurn(digest, async () => {
          await rename(incoming, fileOf(digest));
          const isNew = await store.write((tx) => addArtifact(tx, { owner, digest, sizeBytes, contentType }));
          return { artifact: await find(digest, owner), isNew };
        });
      } finally {
        await rm(incoming, { force: true });
      }
    },
    list: (owner) => store.read((db) => listArtifacts(db, { owner })),
    find,
    read: ({ digest }) => createReadStream(fileOf(digest)),
    remove: (artifact) =>
      inTurn(artifact.digest, async () => {
        const owners = await store.write((tx) => removeArtifact(tx, artifact));
        if (owners === 0) await rm(fileOf(artifact.digest), { force: true });
      }),
  };
}

async function writeHashed(path: string, bytes: AsyncIterable<Buffer>) {
  const hash = createHash('sha256');
  const file = await open(path, 'wx', 0o600);
  try {
    let sizeBytes = 0;
    for await (const piece of bytes) {
      sizeBytes += piece.length;
      if (sizeBytes > LARGEST_ARTIFACT_BYTES) throw tooLarge();
      hash.update(piece);
      await file.write(piece);
    }
    await file.sync();
    return { digest: hash.digest('hex'), sizeBytes };
  } finally {
    await file.close();
  }
}

function tooLarge(): AppError {
  return new AppError('BODY_TOO_LARGE', `an artifact has at most ${LARGEST_ARTIFACT_BYTES} bytes`, {
    detail: { limit_bytes: LARGEST_ARTIFACT_BYTES },
  });
}
