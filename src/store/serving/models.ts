/** The model catalogue as rows. Whether a file is fit for an entry is checked before; facts are the caller's. */

import type { ModelPart, ModelState } from '../../contract/index.ts';
import { decodeJson, encodeJson } from '../codec.ts';
import type { Db, Row } from '../schema.ts';
import type { Tx } from '../store.ts';

export interface ModelRecord {
  readonly id: string;
  readonly state: ModelState;
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string | null;
  readonly architecture: string | null;
  readonly quantisation: string | null;
  readonly contextLength: number | null;
  readonly parameters: number | null;
  readonly source: string;
  /** Null: by its size. */
  readonly tier: number | null;
  /** Empty while there are none. */
  readonly files: readonly ModelPart[];
  /** Those that hold them. */
  readonly hosts: readonly string[];
  /** Why it failed. */
  readonly reason: string | null;
  /** When the id was first registered. */
  readonly registeredAt: number;
}

export type NewModel = Omit<ModelRecord, 'registeredAt'>;

/** Registering an id again replaces everything about it but its age. */
export async function registerModel(tx: Tx, model: NewModel): Promise<ModelRecord> {
  const { id, ...about } = toRow(model);
  const row = await tx.db
    .insertInto('model')
    .values({ id, ...about, registered_at: tx.now })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(about))
    .returningAll()
    .executeTakeFirstOrThrow();
  return fromRow(row);
}

/** By id. */
export async function listModels(db: Db): Promise<readonly ModelRecord[]> {
  const rows = await db.selectFrom('model').selectAll().orderBy('id').execute();
  return rows.map(fromRow);
}

/** False when there was no such model. */
export async function removeModel(tx: Tx, id: string): Promise<boolean> {
  const { numDeletedRows } = await tx.db.deleteFrom('model').where('id', '=', id).executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
}

function toRow(model: NewModel): Omit<Row<'model'>, 'registered_at'> {
  return {
    id: model.id,
    state: model.state,
    path: model.path,
    size_bytes: model.sizeBytes,
    sha256: model.sha256,
    architecture: model.architecture,
    quantisation: model.quantisation,
    context_length: model.contextLength,
    parameters: model.parameters,
    source: model.source,
    tier: model.tier,
    files: encodeJson(model.files),
    hosts: encodeJson(model.hosts),
    reason: model.reason,
  };
}

function fromRow(row: Row<'model'>): ModelRecord {
  return {
    id: row.id,
    state: row.state,
    path: row.path,
    sizeBytes: row.size_bytes,
    sha256: row.sha256,
    architecture: row.architecture,
    quantisation: row.quantisation,
    contextLength: row.context_length,
    parameters: row.parameters,
    source: row.source,
    tier: row.tier,
    files: row.files === null ? onlyFile(row) : decodeJson<ModelPart[]>(row.files),
    hosts: row.hosts === null ? [] : decodeJson<string[]>(row.hosts),
    reason: row.reason,
    registeredAt: row.registered_at,
  };
}

/** Of a row that is older than the lists of files. */
function onlyFile({ path, size_bytes, sha256 }: Row<'model'>): readonly ModelPart[] {
  return path === '' ? [] : [{ path, size_bytes, sha256, role: 'weights' }];
}
