/** Opens a store from its URL. The only place that chooses between the dialects. */

import { AppError } from '../contract/index.ts';
import type { Fact } from '../contract/index.ts';
import { createBus } from '../kernel/index.ts';
import type { Clock, Log } from '../kernel/index.ts';
import type { Connections } from './commit/connections.ts';
import { asStoreFailure, storeFailure } from './commit/failure.ts';
import { createGroupCommit } from './commit/group-commit.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { connectPostgres } from './postgres/connect.ts';
import { connectSqlite } from './sqlite/connect.ts';
import type { Db } from './schema.ts';
import type { Store } from './store.ts';

interface StoreOptions {
  /** `sqlite:PATH`, or `postgres://…` as libpq understands it. */
  readonly url: string;
  readonly log: Log;
  readonly clock: Clock;
}

/** Connects, brings the schema up to date, and answers a store that the caller closes. Rejects with `STORE_FAILED`. */
export async function openStore({ url, log, clock }: StoreOptions): Promise<Store> {
  const connections = connect(url, log);
  try {
    const { from, to } = await migrate(connections, MIGRATIONS);
    if (from < to) log.info({ place: connections.place, from, to }, 'store schema brought up to date');
  } catch (error) {
    await connections.close();
    throw storeFailure(error, connections.place);
  }
  return createStore(connections, log, clock);
}

function connect(url: string, log: Log): Connections {
  if (url.startsWith('sqlite:')) return connectSqlite(url.slice('sqlite:'.length));
  if (/^postgres(ql)?:/.test(url)) return connectPostgres(url, log);
  throw new AppError('STORE_FAILED', 'the database URL has an unknown scheme', {
    hint: 'DROVER_DATABASE_URL is sqlite:PATH or postgres://USER@SERVER/DATABASE',
  });
}

function createStore(connections: Connections, log: Log, clock: Clock): Store {
  const facts = createBus<Fact>((error) => log.error({ err: error }, 'a subscriber to facts failed'));
  const commits = createGroupCommit(connections, clock, (fact) => facts.publish(fact));
  let closing: Promise<void> | null = null;

  async function shutDown(): Promise<void> {
    await commits.close();
    await connections.close();
  }

  async function read<T>(fn: (db: Db) => Promise<T>): Promise<T> {
    try {
      return await fn(connections.reader);
    } catch (error) {
      throw asStoreFailure(error, connections.place);
    }
  }

  const store: Store = {
    dialect: connections.dialect,
    facts,
    write: commits.write,
    read,
    close: () => (closing ??= shutDown()),
    [Symbol.asyncDispose]: () => store.close(),
  };
  return store;
}
