/** Two schemas that a value must satisfy both, as one. Pure; what cannot be said in one schema is refused. */

import { constraints } from './keywords.ts';
import { isSchema, SchemaError } from './schema-error.ts';
import type { Schema } from './schema-error.ts';
import { schemaMapField, textListField, typesField } from './schema-fields.ts';

type Join = (a: unknown, b: unknown, place: string, keyword: string) => unknown;

/** Annotations are dropped. */
export function mergeSchemas(a: Schema, b: Schema, place: string): Schema {
  const merged: Record<string, unknown> = {};
  for (const keyword of new Set([...constraints(a), ...constraints(b)])) {
    const inA = a[keyword] !== undefined;
    const inB = b[keyword] !== undefined;
    merged[keyword] = inA && inB ? joined(keyword, a[keyword], b[keyword], place) : inA ? a[keyword] : b[keyword];
  }
  return { ...merged, ...mergedObject(a, b, place) };
}

function joined(keyword: string, left: unknown, right: unknown, place: string): unknown {
  if (JSON.stringify(left) === JSON.stringify(right)) return left;
  const join = JOINS[keyword];
  if (join === undefined) throw new SchemaError(keyword, place, 'cannot be kept twice');
  return join(left, right, place, keyword);
}

const larger: Join = (a, b) => (typeof a === 'number' && typeof b === 'number' ? Math.max(a, b) : a);
const smaller: Join = (a, b) => (typeof a === 'number' && typeof b === 'number' ? Math.min(a, b) : a);

const JOINS: Readonly<Record<string, Join>> = {
  type: commonTypes,
  enum: commonValues,
  minimum: larger,
  exclusiveMinimum: larger,
  minLength: larger,
  minItems: larger,
  maximum: smaller,
  exclusiveMaximum: smaller,
  maxLength: smaller,
  maxItems: smaller,
  items: (a, b, place) => both(a, b, `${place}/items`),
  // These three depend on each other: `mergedObject` writes them.
  properties: () => undefined,
  required: () => undefined,
  additionalProperties: () => undefined,
};

function commonTypes(a: unknown, b: unknown, place: string): unknown {
  const [left, right] = [typesField({ type: a }, place) ?? [], typesField({ type: b }, place) ?? []];
  const common = left.filter((type) => right.includes(type));
  // An integer is a number.
  const whole = left.includes('integer') || right.includes('integer');
  const numeric = [left, right].every((types) => types.includes('integer') || types.includes('number'));
  const types = new Set([...common, ...(whole && numeric && !common.includes('number') ? ['integer'] : [])]);
  if (types.size === 0) throw new SchemaError('type', place, 'allows nothing: its parts contradict each other');
  return [...types];
}

function commonValues(a: unknown, b: unknown, place: string): unknown {
  if (!Array.isArray(a) || !Array.isArray(b)) throw new SchemaError('enum', place, 'must be a list');
  const right = new Set(b.map((value) => JSON.stringify(value)));
  const common = a.filter((value) => right.has(JSON.stringify(value)));
  if (common.length === 0) throw new SchemaError('enum', place, 'allows nothing: its parts contradict each other');
  return common;
}

/** A schema for what must satisfy both; they are looked at when they are written. */
function both(a: unknown, b: unknown, place: string): unknown {
  if (a === true) return b;
  if (b === true) return a;
  if (a === false || b === false) return false;
  if (isSchema(a) && isSchema(b)) return { allOf: [a, b] };
  throw new SchemaError('allOf', place, 'holds what is no schema');
}

function mergedObject(a: Schema, b: Schema, place: string): Schema {
  const names = new Set([...Object.keys(asMap(a)), ...Object.keys(asMap(b))]);
  const properties = [...names].map((name) => [name, both(propertyOf(a, name), propertyOf(b, name), place)] as const);
  const required = [...new Set([...textListField(a, 'required', place), ...textListField(b, 'required', place)])];
  const extra = [a['additionalProperties'], b['additionalProperties']].filter((each) => each !== undefined);
  schemaMapField(a, 'properties', place);
  schemaMapField(b, 'properties', place);
  return {
    ...(names.size > 0 ? { properties: Object.fromEntries(properties) } : {}),
    ...(required.length > 0 ? { required } : {}),
    ...(extra.length > 0
      ? { additionalProperties: extra.reduce<unknown>((left, right) => both(left, right, place), true) }
      : {}),
  };
}

function asMap(schema: Schema): Schema {
  const { properties } = schema;
  return isSchema(properties) ? properties : {};
}

/** What a schema says of a property that it may not name. */
function propertyOf(schema: Schema, name: string): unknown {
  const properties = asMap(schema);
  return Object.hasOwn(properties, name) ? properties[name] : (schema['additionalProperties'] ?? true);
}
