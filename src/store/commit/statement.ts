/**
 * Statements that run for every task: their text is written once and never built again, which is most of what a query
 * builder costs. Everything that runs seldom is better said to Kysely.
 */

import { CompiledQuery } from 'kysely';
import type { QueryResult } from 'kysely';

import type { Tx } from '../store.ts';

/** One text per dialect. */
interface Statement {
  readonly sqlite: string;
  readonly postgres: string;
}

/** `?` marks a parameter, and `ids(?)` a set of integers that is passed as one: see `idSet`. */
export function statement(text: string): Statement {
  let count = 0;
  return {
    sqlite: text.replaceAll('ids(?)', '(select value from json_each(?))'),
    postgres: text
      .replaceAll('ids(?)', '(select value::bigint from json_array_elements_text(?))')
      .replaceAll('?', () => `$${(count += 1)}`),
  };
}

export function idSet(ids: readonly number[]): string {
  return JSON.stringify(ids);
}

export function run<R>(
  tx: Tx,
  { sqlite, postgres }: Statement,
  parameters: readonly unknown[],
): Promise<QueryResult<R>> {
  const text = tx.dialect === 'sqlite' ? sqlite : postgres;
  return tx.db.executeQuery(CompiledQuery.raw(text, [...parameters]) as CompiledQuery<R>);
}
