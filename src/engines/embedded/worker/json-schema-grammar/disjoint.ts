/** Whether no value can satisfy two schemas at once: `oneOf` is kept only where that is certain. Pure. */

import { isSchema } from './schema-error.ts';
import type { Schema } from './schema-error.ts';
import { textListField, typesField } from './schema-fields.ts';

/** `resolve` follows references. False: they may share a value. */
export function areDisjoint(a: unknown, b: unknown, resolve: (schema: Schema) => Schema, depth = 4): boolean {
  if (a === false || b === false) return true;
  if (!isSchema(a) || !isSchema(b) || depth === 0) return false;
  const [left, right] = [resolve(a), resolve(b)];
  return haveOtherTypes(left, right) || haveOtherValues(left, right) || differInProperty(left, right, resolve, depth);
}

function haveOtherTypes(a: Schema, b: Schema): boolean {
  const [left, right] = [typesOf(a), typesOf(b)];
  return left !== null && right !== null && !left.some((type) => right.includes(type));
}

/** `number` holds the integers. */
function typesOf(schema: Schema): readonly string[] | null {
  const values = valuesOf(schema);
  if (values !== null) return values.map(typeOf);
  return typesField(schema, '#')?.map((type) => (type === 'integer' ? 'number' : type)) ?? null;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function valuesOf(schema: Schema): readonly unknown[] | null {
  if (schema['const'] !== undefined) return [schema['const']];
  return Array.isArray(schema['enum']) ? schema['enum'] : null;
}

function haveOtherValues(a: Schema, b: Schema): boolean {
  const [left, right] = [valuesOf(a), valuesOf(b)];
  if (left === null || right === null) return false;
  const texts = new Set(left.map((value) => JSON.stringify(value)));
  return !right.some((value) => texts.has(JSON.stringify(value)));
}

/** A property that both demand, or that one demands and the other forbids. */
function differInProperty(a: Schema, b: Schema, resolve: (schema: Schema) => Schema, depth: number): boolean {
  if (!isOnlyObject(a) || !isOnlyObject(b)) return false;
  const demanded = new Set([...textListField(a, 'required', '#'), ...textListField(b, 'required', '#')]);
  return [...demanded].some((name) => {
    const [inA, inB] = [propertyOf(a, name), propertyOf(b, name)];
    return areDisjoint(inA, inB, resolve, depth - 1) && [a, b].every((each) => isDemanded(each, name));
  });
}

function isOnlyObject(schema: Schema): boolean {
  return typesOf(schema)?.every((type) => type === 'object') === true;
}

/** Demanded, or forbidden: either way no value leaves it open. */
function isDemanded(schema: Schema, name: string): boolean {
  return textListField(schema, 'required', '#').includes(name) || propertyOf(schema, name) === false;
}

function propertyOf(schema: Schema, name: string): unknown {
  const { properties, additionalProperties } = schema;
  return isSchema(properties) && Object.hasOwn(properties, name) ? properties[name] : (additionalProperties ?? true);
}
