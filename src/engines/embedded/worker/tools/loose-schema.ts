/** The schema of a tool that is not strict, without what no grammar keeps: the model is held to the rest. Pure. */

import { RuleBook, SchemaError, SchemaWriter } from '../json-schema-grammar/index.ts';
import type { Schema } from '../json-schema-grammar/index.ts';

/** A schema with more to leave out is left out as a whole. */
const MOST_DROPPED = 50;
const ANY_ARGUMENTS: Schema = { type: 'object' };

export function looseSchema(schema: Schema): Schema {
  let kept = schema;
  for (let dropped = 0; dropped < MOST_DROPPED; dropped++) {
    const refusal = refusalOf(kept);
    if (refusal === null) return kept;
    const [, ...path] = refusal.place.split('/').map(decoded);
    const rest = withoutKeyword(kept, path, refusal.keyword);
    if (rest === null) return ANY_ARGUMENTS;
    kept = rest;
  }
  return ANY_ARGUMENTS;
}

function refusalOf(schema: Schema): SchemaError | null {
  try {
    new SchemaWriter(schema, new RuleBook(), '#').write();
    return null;
  } catch (error) {
    if (error instanceof SchemaError) return error;
    throw error;
  }
}

/** Of a JSON pointer. */
function decoded(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** Null when there is no such keyword at that place. */
function withoutKeyword(schema: Schema, path: readonly string[], keyword: string): Schema | null {
  const [step, ...rest] = path;
  if (step === undefined) {
    if (!Object.hasOwn(schema, keyword)) return null;
    return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== keyword));
  }
  const below = schema[step];
  if (!Object.hasOwn(schema, step) || typeof below !== 'object' || below === null) return null;
  const changed = withoutKeyword(below as Schema, rest, keyword); // an object, or a list whose places are its names
  if (changed === null) return null;
  return { ...schema, [step]: Array.isArray(below) ? Object.values(changed) : changed };
}
