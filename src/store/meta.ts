/** Small facts about the store itself: counters that outlive every process. */

import { sql } from 'kysely';

import type { Tx } from './store.ts';

/** Raises the epoch of a writer and answers it; the first is 1. Whoever holds an older one has been replaced. */
export async function bumpEpoch(tx: Tx, writer: string): Promise<number> {
  const result = await sql<{ value: string }>`insert into meta (key, value) values (${`epoch.${writer}`}, '1')
    on conflict (key) do update set value = cast(cast(meta.value as integer) + 1 as text) returning value`.execute(
    tx.db,
  );
  return Number(result.rows[0]?.value);
}
