/** Downloads of models that go on, as rows: one for a model, gone when it ends. Facts are the caller's. */

import type { FetchOrder } from '../../contract/index.ts';
import { decodeJson, encodeJson } from '../codec.ts';
import type { Db, Row } from '../schema.ts';
import type { Tx } from '../store.ts';

export interface ModelDownload {
  readonly model: string;
  readonly reference: string;
  /** The commit. */
  readonly revision: string;
  readonly host: string;
  readonly order: FetchOrder;
  readonly startedAt: number;
}

export async function addModelDownload(tx: Tx, download: Omit<ModelDownload, 'startedAt'>): Promise<ModelDownload> {
  const { order, ...about } = download;
  const row = await tx.db
    .insertInto('model_download')
    .values({ ...about, fetch_order: encodeJson(order), started_at: tx.now })
    .returningAll()
    .executeTakeFirstOrThrow();
  return fromRow(row);
}

/** By model. */
export async function listModelDownloads(db: Db): Promise<readonly ModelDownload[]> {
  const rows = await db.selectFrom('model_download').selectAll().orderBy('model').execute();
  return rows.map(fromRow);
}

/** False when there was none: somebody else has ended it. */
export async function removeModelDownload(tx: Tx, model: string): Promise<boolean> {
  const { numDeletedRows } = await tx.db
    .deleteFrom('model_download')
    .where('model', '=', model)
    .executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
}

function fromRow(row: Row<'model_download'>): ModelDownload {
  return {
    model: row.model,
    reference: row.reference,
    revision: row.revision,
    host: row.host,
    order: decodeJson<FetchOrder>(row.fetch_order),
    startedAt: row.started_at,
  };
}
