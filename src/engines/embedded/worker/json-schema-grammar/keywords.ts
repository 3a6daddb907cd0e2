/** Which keywords of JSON schema a grammar keeps, which say nothing about the value, and which are refused. Pure. */

import { didYouMean } from '../../../../kernel/index.ts';
import { SchemaError } from './schema-error.ts';
import type { Schema } from './schema-error.ts';

const KEPT = [
  'type',
  'enum',
  'const',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'prefixItems',
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'anyOf',
  'oneOf',
  'allOf',
  '$ref',
] as const;

/** Words about the schema, not about the value. */
const ANNOTATIONS = [
  '$schema',
  '$id',
  '$comment',
  '$defs',
  'definitions',
  'title',
  'description',
  'default',
  'examples',
  'example',
  'deprecated',
  'readOnly',
  'writeOnly',
] as const;

/** Keywords that demand something which no grammar of ours keeps. */
const REFUSED = [
  'not',
  'if',
  'then',
  'else',
  'patternProperties',
  'propertyNames',
  'minProperties',
  'maxProperties',
  'dependentRequired',
  'dependentSchemas',
  'unevaluatedProperties',
  'unevaluatedItems',
  'contains',
  'minContains',
  'maxContains',
  'uniqueItems',
  'multipleOf',
  '$dynamicRef',
  'contentEncoding',
  'contentMediaType',
] as const;

const READ: ReadonlySet<string> = new Set([...KEPT, ...ANNOTATIONS]);
const ALL: readonly string[] = [...KEPT, ...ANNOTATIONS, ...REFUSED];

export function checkKeywords(schema: Schema, place: string): void {
  for (const keyword of Object.keys(schema)) {
    if (READ.has(keyword) || keyword.startsWith('x-')) continue;
    if (keyword === 'uniqueItems' && schema[keyword] === false) continue;
    if (ALL.includes(keyword)) throw new SchemaError(keyword, place, 'cannot be kept');
    const hint = didYouMean(keyword, ALL);
    throw new SchemaError(keyword, place, hint === undefined ? 'is unknown' : `is unknown; ${hint}`);
  }
}

const SAYING_NOTHING: ReadonlySet<string> = new Set(ANNOTATIONS);

/** The keywords of a schema that say something about the value. */
export function constraints(schema: Schema): readonly string[] {
  return Object.keys(schema).filter((keyword) => !SAYING_NOTHING.has(keyword) && !keyword.startsWith('x-'));
}
