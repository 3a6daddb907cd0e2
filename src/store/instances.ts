/** What shall run: the desired state of each instance. What does run is the agents' to tell, and is not stored. */

import type { DesiredState, InstanceSpec } from '../contract/index.ts';
import { decodeJson, encodeJson } from './codec.ts';
import type { Db, Row } from './schema.ts';
import type { Tx } from './store.ts';

export interface InstanceRecord {
  readonly name: string;
  readonly desired: DesiredState;
  /** Null until a first start has resolved one. */
  readonly spec: InstanceSpec | null;
  readonly updatedAt: number;
}

/** Creates the instance or replaces what was declared of it. */
export async function declareInstance(
  tx: Tx,
  { name, desired, spec }: Pick<InstanceRecord, 'name' | 'desired' | 'spec'>,
): Promise<void> {
  const declared = { desired, spec: spec === null ? null : encodeJson(spec), updated_at: tx.now };
  await tx.db
    .insertInto('instance')
    .values({ name, ...declared })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(declared))
    .execute();
}

/** By name. */
export async function listInstances(db: Db): Promise<readonly InstanceRecord[]> {
  const rows = await db.selectFrom('instance').selectAll().orderBy('name').execute();
  return rows.map(fromRow);
}

/** False when there was no such instance. */
export async function removeInstance(tx: Tx, name: string): Promise<boolean> {
  const { numDeletedRows } = await tx.db.deleteFrom('instance').where('name', '=', name).executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
}

function fromRow({ name, desired, spec, updated_at }: Row<'instance'>): InstanceRecord {
  return { name, desired, spec: spec === null ? null : decodeJson<InstanceSpec>(spec), updatedAt: updated_at };
}
