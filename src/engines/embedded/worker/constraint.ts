/** What a request demands of its answer's form: a GBNF grammar, a JSON schema, or any JSON. Pure. */

import { ApiError } from './api-error.ts';
import { isRecord, recordField, stringField } from './fields.ts';
import type { Body } from './fields.ts';

export type Constraint =
  | { readonly kind: 'grammar'; readonly text: string }
  | { readonly kind: 'schema'; readonly schema: Body }
  | { readonly kind: 'json' };

/** `grammar`, `json_schema` and OpenAI's `response_format`; null when the form is free. */
export function readConstraint(body: Body): Constraint | null {
  const grammar = stringField(body, 'grammar');
  if (grammar !== null && grammar !== '') return { kind: 'grammar', text: grammar };
  const schema = recordField(body, 'json_schema');
  if (schema !== null) return schemaConstraint(schema);
  const format = recordField(body, 'response_format');
  return format === null ? null : readFormat(format);
}

function readFormat(format: Body): Constraint | null {
  switch (format['type']) {
    case 'text':
    case undefined:
      return null;
    case 'json_object': {
      const schema = recordField(format, 'schema');
      return schema === null ? { kind: 'json' } : schemaConstraint(schema);
    }
    case 'json_schema': {
      const schema = recordField(recordField(format, 'json_schema') ?? {}, 'schema');
      return schema === null ? { kind: 'json' } : schemaConstraint(schema);
    }
    default:
      throw new ApiError(
        'invalid_request_error',
        `response_format type must be one of "text", "json_object" or "json_schema", not "${String(format['type'])}"`,
      );
  }
}

function schemaConstraint(schema: Body): Constraint {
  if (Object.keys(schema).length === 0) return { kind: 'json' };
  return { kind: 'schema', schema: adaptSchema(schema, '#') };
}

/** Keywords that constrain and that the library's grammar writer lacks. Ignoring them would be a broken promise. */
const UNSUPPORTED = [
  'allOf',
  'not',
  'if',
  'pattern',
  'patternProperties',
  'propertyNames',
  'contains',
  'uniqueItems',
  'multipleOf',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
];
const SCHEMA_MAPS = new Set(['properties', '$defs']);
const SCHEMA_LISTS = new Set(['oneOf', 'prefixItems']);
const SCHEMAS = new Set(['items', 'additionalProperties']);

/** The same schema in the words that the library knows: `anyOf` is `oneOf`, `definitions` are `$defs`. */
function adaptSchema(schema: Body, place: string): Body {
  const unknown = UNSUPPORTED.find((keyword) => schema[keyword] !== undefined);
  if (unknown !== undefined) {
    throw new ApiError('not_supported_error', `JSON schema keyword "${unknown}" at ${place} is not supported`);
  }
  const renamed = Object.entries(schema).map(([name, value]) => [canonicalName(name), value] as const);
  return Object.fromEntries(renamed.map(([name, value]) => [name, adaptMember(name, value, `${place}/${name}`)]));
}

function canonicalName(name: string): string {
  if (name === 'anyOf') return 'oneOf';
  return name === 'definitions' ? '$defs' : name;
}

function adaptMember(name: string, value: unknown, place: string): unknown {
  if (name === '$ref' && typeof value === 'string') return value.replace('#/definitions/', '#/$defs/');
  if (SCHEMAS.has(name) && isRecord(value)) return adaptSchema(value, place);
  if (SCHEMA_LISTS.has(name) && Array.isArray(value)) {
    return value.map((item, at) => (isRecord(item) ? adaptSchema(item, `${place}/${at}`) : item));
  }
  if (!SCHEMA_MAPS.has(name) || !isRecord(value)) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([key, item]) => [key, isRecord(item) ? adaptSchema(item, `${place}/${key}`) : item]),
  );
}
