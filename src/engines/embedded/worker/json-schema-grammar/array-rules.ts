/** Arrays: the first items one by one, then any number of equal ones. Pure. */

import type { WriteSchema } from './object-rules.ts';
import { SPACE } from './object-rules.ts';
import { MOST_REPEATED, repeated } from './rule-book.ts';
import type { RuleBook } from './rule-book.ts';
import { SchemaError } from './schema-error.ts';
import type { Schema } from './schema-error.ts';
import { below, schemaField, schemaListField, wholeField } from './schema-fields.ts';

const COMMA = `"," ${SPACE}`;

export function arrayRule(schema: Schema, place: string, book: RuleBook, write: WriteSchema): string {
  const prefix = schemaListField(schema, 'prefixItems', place) ?? [];
  const most = wholeField(schema, 'maxItems', place) ?? Infinity;
  // A tuple is written whole, though the schema would allow its beginning.
  const first = prefix.slice(0, most);
  const least = Math.max(wholeField(schema, 'minItems', place) ?? 0, first.length);
  if (least > most) throw new SchemaError('maxItems', place, 'is smaller than minItems');
  const items = first.map((item, at) => present(write(item, below(place, 'prefixItems', at)), place));
  const rest = write(restSchema(schema, place, prefix.length, least), below(place, 'items'));
  if (rest === null && least > items.length)
    throw new SchemaError('minItems', place, 'asks for items that nothing satisfies');
  const bounds = { least: least - items.length, most: rest === null ? 0 : most - items.length };
  return `"[" ${SPACE} ${list(items, rest, bounds, place, book)} ${SPACE} "]"`;
}

/** Items after a tuple are written only where the schema speaks of them. */
function restSchema(schema: Schema, place: string, prefix: number, least: number): Schema | boolean {
  return schemaField(schema, 'items', place) ?? (prefix === 0 || least > prefix);
}

function present(rule: string | null, place: string): string {
  if (rule !== null) return rule;
  throw new SchemaError('prefixItems', place, 'holds a schema that nothing satisfies');
}

interface Times {
  readonly least: number;
  readonly most: number;
}

function list(items: readonly string[], rest: string | null, times: Times, place: string, book: RuleBook): string {
  const longest = times.most === Infinity ? times.least : times.most;
  if (longest > MOST_REPEATED) throw new SchemaError('maxItems', place, `cannot be kept beyond ${MOST_REPEATED}`);
  const first = items.join(` ${COMMA} `);
  if (rest === null || times.most === 0) return first || '""';
  const item = book.add(rest);
  const following = book.add(`${COMMA} ${item}`);
  if (first !== '') return `${first} ${repeated(following, times.least, times.most)}`;
  const some = `${item} ${repeated(following, Math.max(0, times.least - 1), times.most - 1)}`;
  return times.least === 0 ? `( ${some} )?` : some;
}
