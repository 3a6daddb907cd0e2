/** Instances: what shall run, as declared, and what was last observed of it. What runs now is the agents' to tell. */

import type { DesiredState, InstanceReport, InstanceSpec } from '../../contract/index.ts';
import { decodeJson, encodeJson } from '../codec.ts';
import type { Db, Row } from '../schema.ts';
import type { Tx } from '../store.ts';

interface InstanceDeclaration {
  readonly name: string;
  readonly desired: DesiredState;
  /** Null until a first start has resolved one. */
  readonly spec: InstanceSpec | null;
  /** The config file as it was written; null for an instance without one. */
  readonly config: string | null;
  /** Takes no new requests. */
  readonly drained: boolean;
  /** Made for a model that was asked for; nobody has configured it. */
  readonly ephemeral: boolean;
}

interface InstanceRecord extends InstanceDeclaration {
  /** The last report, without the key of its engine; null before the first. */
  readonly report: InstanceReport | null;
  readonly updatedAt: number;
}

/** Creates the instance or replaces what was declared of it. */
export async function declareInstance(tx: Tx, declaration: InstanceDeclaration): Promise<void> {
  const { name, desired, spec, config, drained, ephemeral } = declaration;
  const declared = {
    desired,
    spec: spec === null ? null : encodeJson(spec),
    config,
    drained: Number(drained),
    ephemeral: Number(ephemeral),
    updated_at: tx.now,
  };
  await tx.db
    .insertInto('instance')
    .values({ name, ...declared })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(declared))
    .execute();
}

/** Keeps the report as the last known; one of an instance that was never declared is passed over. */
export async function observeInstance(tx: Tx, report: InstanceReport): Promise<void> {
  await tx.db
    .updateTable('instance')
    .set({ report: encodeJson({ ...report, key: null }), reported_at: tx.now })
    .where('name', '=', report.name)
    .execute();
}

/** By name. */
export async function listInstances(db: Db): Promise<readonly InstanceRecord[]> {
  const rows = await db.selectFrom('instance').selectAll().orderBy('name').execute();
  return rows.map(fromRow);
}

/** With its health checks. False when there was no such instance. */
export async function removeInstance(tx: Tx, name: string): Promise<boolean> {
  await tx.db.deleteFrom('instance_probe').where('instance', '=', name).execute();
  const { numDeletedRows } = await tx.db.deleteFrom('instance').where('name', '=', name).executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
}

function fromRow(row: Row<'instance'>): InstanceRecord {
  const { name, desired, config } = row;
  return {
    name,
    desired,
    spec: row.spec === null ? null : decodeJson<InstanceSpec>(row.spec),
    config,
    drained: row.drained === 1,
    ephemeral: row.ephemeral === 1,
    report: row.report === null ? null : decodeJson<InstanceReport>(row.report),
    updatedAt: row.updated_at,
  };
}
