/** Agents known to the controller: who last spoke for a host, and when. */

import type { Db, Row } from '../schema.ts';
import type { Tx } from '../store.ts';

interface AgentRecord {
  readonly host: string;
  /** Rises with each start of the host's agent. */
  readonly epoch: number;
  readonly pid: number;
  readonly version: string;
  readonly seenAt: number;
}

type ConnectResult =
  | { readonly kind: 'accepted' }
  /** A later agent of that host has spoken; `epoch` is its. */
  | { readonly kind: 'fenced'; readonly epoch: number };

/** An agent says hello: it speaks for its host from now on, unless its epoch goes backwards. */
export async function agentConnected(
  tx: Tx,
  agent: Pick<AgentRecord, 'host' | 'epoch' | 'pid' | 'version'>,
): Promise<ConnectResult> {
  const { host, ...about } = agent;
  const seen = { ...about, seen_at: tx.now };
  const row = await tx.db
    .insertInto('agent')
    .values({ host, ...seen })
    .onConflict((conflict) => conflict.column('host').doUpdateSet(seen).where('agent.epoch', '<=', agent.epoch))
    .returning('epoch')
    .executeTakeFirst();
  if (row) return { kind: 'accepted' };
  const newer = await tx.db.selectFrom('agent').select('epoch').where('host', '=', host).executeTakeFirstOrThrow();
  return { kind: 'fenced', epoch: newer.epoch };
}

/** False when another epoch holds the host. */
export async function agentHeard(tx: Tx, host: string, epoch: number): Promise<boolean> {
  const { numUpdatedRows } = await tx.db
    .updateTable('agent')
    .set({ seen_at: tx.now })
    .where('host', '=', host)
    .where('epoch', '=', epoch)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

/** By host. */
export async function listAgents(db: Db): Promise<readonly AgentRecord[]> {
  const rows = await db.selectFrom('agent').selectAll().orderBy('host').execute();
  return rows.map(fromRow);
}

function fromRow(row: Row<'agent'>): AgentRecord {
  const { host, epoch, pid, version } = row;
  return { host, epoch, pid, version, seenAt: row.seen_at };
}
