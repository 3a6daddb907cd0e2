/** Reads the fields of a schema, naming keyword and place when one is malformed. Pure. */

import { isSchema, SchemaError } from './schema-error.ts';
import type { Schema } from './schema-error.ts';

export function wholeField(schema: Schema, keyword: string, place: string): number | undefined {
  const value = numberField(schema, keyword, place);
  if (value === undefined || (Number.isInteger(value) && value >= 0)) return value;
  throw new SchemaError(keyword, place, 'must be a whole number of at least 0');
}

export function numberField(schema: Schema, keyword: string, place: string): number | undefined {
  const value = schema[keyword];
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value;
  throw new SchemaError(keyword, place, 'must be a number');
}

export function schemaField(schema: Schema, keyword: string, place: string): Schema | boolean | undefined {
  const value = schema[keyword];
  if (value === undefined || typeof value === 'boolean' || isSchema(value)) return value;
  throw new SchemaError(keyword, place, 'must be a schema');
}

export function schemaListField(
  schema: Schema,
  keyword: string,
  place: string,
): readonly (Schema | boolean)[] | undefined {
  const value = schema[keyword];
  if (value === undefined) return undefined;
  const isList = Array.isArray(value) && value.length > 0;
  if (!isList) throw new SchemaError(keyword, place, 'must be a list of schemas');
  return value.map((item: unknown, at) => {
    if (typeof item === 'boolean' || isSchema(item)) return item;
    throw new SchemaError(keyword, place, `must hold schemas, which its item ${at} is not`);
  });
}

export function schemaMapField(
  schema: Schema,
  keyword: string,
  place: string,
): ReadonlyMap<string, Schema | boolean> | undefined {
  const value = schema[keyword];
  if (value === undefined) return undefined;
  if (!isSchema(value)) throw new SchemaError(keyword, place, 'must be an object of schemas');
  return new Map(
    Object.keys(value).map((name) => [name, schemaField(value, name, `${place}/${keyword}`) ?? true] as const),
  );
}

export function textListField(schema: Schema, keyword: string, place: string): readonly string[] {
  const value = schema[keyword] ?? [];
  const isList = Array.isArray(value) && value.every((item) => typeof item === 'string');
  if (!isList) throw new SchemaError(keyword, place, 'must be a list of strings');
  return value;
}

const TYPES = ['string', 'number', 'integer', 'boolean', 'null', 'object', 'array'] as const;
export type SchemaType = (typeof TYPES)[number];

/** The types a schema names; undefined: all. */
export function typesField(schema: Schema, place: string): readonly SchemaType[] | undefined {
  const { type } = schema;
  if (type === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(type) ? type : [type];
  return list.map((name) => {
    const known = TYPES.find((each) => each === name);
    if (known !== undefined) return known;
    throw new SchemaError('type', place, `must be of ${TYPES.join(', ')}, not ${JSON.stringify(name)}`);
  });
}

/** The place of a part of a schema, as a JSON pointer. */
export function below(place: string, ...steps: readonly (string | number)[]): string {
  return [place, ...steps.map((step) => String(step).replaceAll('~', '~0').replaceAll('/', '~1'))].join('/');
}
