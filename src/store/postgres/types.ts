/** How PostgreSQL's text becomes JavaScript values: whole numbers and counts as numbers, as SQLite gives them. */

import { types } from 'pg';
import type { CustomTypesConfig } from 'pg';

const INT8 = 20;
const NUMERIC = 1700;

/** For the `types` of a pool. Everything but the two numbers is pg's own. */
export const typeParsers: CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8 || oid === NUMERIC ? parseNumber : types.getTypeParser(oid, format)) as typeof types.getTypeParser,
};

function parseNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw new RangeError(`${text} exceeds 2^53`);
  return value;
}
