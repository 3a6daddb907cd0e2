/** Values that a schema lists one by one. Pure. */

import { constraints } from './keywords.ts';
import { jsonLiteral, oneOf } from './rule-book.ts';
import { isSchema, SchemaError } from './schema-error.ts';
import type { Schema } from './schema-error.ts';
import { typesField } from './schema-fields.ts';
import type { SchemaType } from './schema-fields.ts';

/** `enum` and `const`, of which `type` may exclude some; other keywords beside them are not looked at, so refused. */
export function valuesRule(schema: Schema, place: string): string {
  const other = constraints(schema).find((keyword) => !['enum', 'const', 'type'].includes(keyword));
  if (other !== undefined) throw new SchemaError(other, place, 'cannot be kept beside "enum" or "const"');
  const listed: unknown = schema['enum'] === undefined ? [schema['const']] : schema['enum'];
  if (!Array.isArray(listed)) throw new SchemaError('enum', place, 'must be a list');
  const fixed = JSON.stringify(schema['const']);
  const types = typesField(schema, place);
  const values = listed.filter(
    (value) =>
      (fixed === undefined || JSON.stringify(value) === fixed) &&
      (types?.some((type) => isOfType(value, type)) ?? true),
  );
  if (values.length === 0) throw new SchemaError('enum', place, 'allows nothing');
  return oneOf([...new Set(values.map(jsonLiteral))]);
}

function isOfType(value: unknown, type: SchemaType): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  return type === 'object' ? isSchema(value) : typeof value === type;
}
