/** Keys of the front door as rows. Of the key itself only the hash is here; facts are the caller's. */

import type { KeyScope } from '../../contract/index.ts';
import { decodeJson, encodeJson } from '../codec.ts';
import type { Db, Row } from '../schema.ts';
import type { Tx } from '../store.ts';

/** What a key may do. Null: without a limit. */
interface KeyTerms {
  readonly scopes: readonly KeyScope[];
  readonly models: readonly string[] | null;
  readonly rpm: number | null;
  readonly tpm: number | null;
  readonly concurrency: number | null;
}

export interface KeyRecord extends KeyTerms {
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the key in hexadecimal digits. */
  readonly hash: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly lastUsedAt: number | null;
}

export type NewKey = Omit<KeyRecord, 'createdAt' | 'revokedAt' | 'lastUsedAt'>;

export async function insertKey(tx: Tx, key: NewKey): Promise<KeyRecord> {
  const { scopes, models, rpm, tpm, concurrency } = key;
  const row = await tx.db
    .insertInto('api_key')
    .values({
      id: key.id,
      name: key.name,
      hash: key.hash,
      terms: encodeJson({ scopes, models, rpm, tpm, concurrency } satisfies KeyTerms),
      created_at: tx.now,
      expires_at: key.expiresAt,
      revoked_at: null,
      last_used_at: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return fromRow(row);
}

/** Oldest first, with those that are revoked. */
export async function listKeys(db: Db): Promise<readonly KeyRecord[]> {
  const rows = await db.selectFrom('api_key').selectAll().orderBy('created_at').orderBy('id').execute();
  return rows.map(fromRow);
}

/** Null when there is no such key; one that was revoked before keeps its time. */
export async function revokeKey(tx: Tx, id: string): Promise<KeyRecord | null> {
  await tx.db
    .updateTable('api_key')
    .set({ revoked_at: tx.now })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .execute();
  const row = await tx.db.selectFrom('api_key').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : fromRow(row);
}

/** Null when there is no such key, or it was revoked. */
export async function replaceKeyHash(tx: Tx, id: string, hash: string): Promise<KeyRecord | null> {
  const row = await tx.db
    .updateTable('api_key')
    .set({ hash })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? null : fromRow(row);
}

/** Epoch ms by id. */
export async function noteKeyUses(tx: Tx, uses: ReadonlyMap<string, number>): Promise<void> {
  for (const [id, at] of uses) {
    await tx.db.updateTable('api_key').set({ last_used_at: at }).where('id', '=', id).execute();
  }
}

function fromRow(row: Row<'api_key'>): KeyRecord {
  return {
    ...decodeJson<KeyTerms>(row.terms),
    id: row.id,
    name: row.name,
    hash: row.hash,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  };
}
