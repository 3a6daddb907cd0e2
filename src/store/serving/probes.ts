/** The health checks of instances: the newest of each are kept. */

import { sql } from 'kysely';

import type { ProbeRecord } from '../../contract/index.ts';
import { insertMany } from '../commit/insert-many.ts';
import type { Db } from '../schema.ts';
import type { Tx } from '../store.ts';

/** Of each instance. */
export const PROBES_KEPT = 100;

/** Adds the checks in order, and removes what they make too many. */
export async function recordProbes(tx: Tx, probes: readonly ProbeRecord[]): Promise<void> {
  if (probes.length === 0) return;
  const rows = probes.map(({ name, at, health, detail, latencyMs }) => {
    return { instance: name, at: Math.round(at), health, detail, latency_ms: Math.round(latencyMs) };
  });
  await insertMany(tx, 'instance_probe', rows);
  await keepNewest(tx, [...new Set(probes.map(({ name }) => name))]);
}

async function keepNewest(tx: Tx, names: readonly string[]): Promise<void> {
  const place = sql<number>`row_number() over (partition by instance order by id desc)`;
  const ranked = tx.db
    .selectFrom('instance_probe')
    .select(['id', place.as('place')])
    .where('instance', 'in', names)
    .as('ranked');
  const surplus = tx.db.selectFrom(ranked).select('ranked.id').where('ranked.place', '>', PROBES_KEPT);
  await tx.db.deleteFrom('instance_probe').where('id', 'in', surplus).execute();
}

/** The last `limit` checks of one instance, oldest first. */
export async function latestProbes(db: Db, name: string, limit: number): Promise<readonly ProbeRecord[]> {
  const rows = await db
    .selectFrom('instance_probe')
    .selectAll()
    .where('instance', '=', name)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.toReversed().map(({ instance, at, health, detail, latency_ms: latencyMs }) => {
    return { name: instance, at, health, detail, latencyMs };
  });
}
