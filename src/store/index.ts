/** Durable state, and the only area that knows SQL. Open a store, then pass its doors to the functions of an aggregate. */

export * from './bulk.ts';
export * from './codec.ts';
export * from './open.ts';
export type { Db, JsonText, NewRow, Row, Schema } from './schema.ts';
export type { DialectName, Store, Tx } from './store.ts';
