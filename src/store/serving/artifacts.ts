/** Whose artifacts are whose, as rows. The bytes lie in files of the same names, and are the caller's. */

import type { Db, Row } from '../schema.ts';
import type { Tx } from '../store.ts';

export interface ArtifactRecord {
  readonly owner: string;
  /** SHA-256 in hexadecimal digits. */
  readonly digest: string;
  readonly sizeBytes: number;
  readonly contentType: string;
  readonly createdAt: number;
}

/** False when its owner had it already: then it stays as it was. */
export async function addArtifact(tx: Tx, artifact: Omit<ArtifactRecord, 'createdAt'>): Promise<boolean> {
  const { numInsertedOrUpdatedRows = 0n } = await tx.db
    .insertInto('artifact')
    .values({
      owner: artifact.owner,
      digest: artifact.digest,
      size_bytes: artifact.sizeBytes,
      content_type: artifact.contentType,
      created_at: tx.now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows > 0n;
}

/** Newest first; `owner` null: whoever they belong to. */
export async function listArtifacts(
  db: Db,
  { owner, digest }: { readonly owner: string | null; readonly digest?: string },
): Promise<readonly ArtifactRecord[]> {
  const rows = await db
    .selectFrom('artifact')
    .selectAll()
    .$if(owner !== null, (query) => query.where('owner', '=', owner ?? ''))
    .$if(digest !== undefined, (query) => query.where('digest', '=', digest ?? ''))
    .orderBy('created_at', 'desc')
    .orderBy('digest')
    .execute();
  return rows.map(fromRow);
}

/** How many owners are left. */
export async function removeArtifact(
  tx: Tx,
  { owner, digest }: Pick<ArtifactRecord, 'owner' | 'digest'>,
): Promise<number> {
  await tx.db.deleteFrom('artifact').where('owner', '=', owner).where('digest', '=', digest).execute();
  return (await listArtifacts(tx.db, { owner: null, digest })).length;
}

function fromRow(row: Row<'artifact'>): ArtifactRecord {
  return {
    owner: row.owner,
    digest: row.digest,
    sizeBytes: row.size_bytes,
    contentType: row.content_type,
    createdAt: row.created_at,
  };
}
