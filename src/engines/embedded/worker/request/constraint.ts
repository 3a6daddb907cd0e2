/** What a request demands of its answer's form, as one GBNF grammar: its own, a JSON schema's, or that of any object. Pure. */

import { ApiError } from '../api-error.ts';
import { schemaGrammar, SchemaError } from '../json-schema-grammar/index.ts';
import { isRecord, recordField, stringField } from './fields.ts';
import type { Body } from './fields.ts';

const ANY_OBJECT = { type: 'object' };

/** `grammar`, `json_schema` and OpenAI's `response_format`, of which one may be given; null when the form is free. */
export function readConstraint(body: Body): string | null {
  const own = stringField(body, 'grammar') ?? '';
  const asked = [own === '' ? null : own, ownSchema(body), readFormat(body)].filter((each) => each !== null);
  if (asked.length <= 1) return asked[0] ?? null;
  throw new ApiError(
    'invalid_request_error',
    'only one of "grammar", "json_schema" and "response_format" may be given',
  );
}

function ownSchema(body: Body): string | null {
  const schema = recordField(body, 'json_schema');
  return schema === null ? null : written(schema);
}

function readFormat(body: Body): string | null {
  const format = recordField(body, 'response_format') ?? {};
  switch (format['type']) {
    case 'text':
    case undefined:
      return null;
    case 'json_object':
      return written(recordField(format, 'schema') ?? ANY_OBJECT);
    case 'json_schema':
      return written(recordField(recordField(format, 'json_schema') ?? {}, 'schema') ?? ANY_OBJECT);
    default:
      throw new ApiError(
        'invalid_request_error',
        `response_format type must be one of "text", "json_object" or "json_schema", not ${JSON.stringify(format['type'])}`,
      );
  }
}

/** A schema without keywords asks for JSON, which for clients is an object. */
function written(schema: Body): string {
  return refusingSchemas(() => schemaGrammar(Object.keys(schema).length === 0 ? ANY_OBJECT : schema));
}

/** A schema that no grammar keeps is the client's error. */
export function refusingSchemas<Value>(write: () => Value): Value {
  try {
    return write();
  } catch (error) {
    if (error instanceof SchemaError) throw new ApiError('invalid_request_error', error.message);
    throw error;
  }
}

/** Whether the request demands a form at all. */
export function hasConstraint(body: Body): boolean {
  const format = body['response_format'];
  const isFree = format === undefined || format === null || (isRecord(format) && format['type'] === 'text');
  return !isFree || Boolean(body['grammar']) || isRecord(body['json_schema']);
}
