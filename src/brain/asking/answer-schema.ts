/** JSON Schemas that answers are held to: from their text, in the dialect that they name. Pure. */

import { Ajv } from 'ajv';
import type { ErrorObject, Options } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface AnswerSchema {
  readonly schema: JsonSchema;
  /** What does not fit, one line each; empty when the value fits. */
  problemsOf(value: unknown): readonly string[];
}

type SchemaReading =
  | { readonly kind: 'usable'; readonly schema: AnswerSchema }
  | { readonly kind: 'unusable'; readonly reason: string };

export function readSchema(text: string): SchemaReading {
  try {
    const schema: unknown = JSON.parse(text);
    if (typeof schema === 'object' && schema !== null && !Array.isArray(schema)) {
      return { kind: 'usable', schema: compileSchema(schema as JsonSchema) };
    }
    return { kind: 'unusable', reason: 'it is no JSON object' };
  } catch (error) {
    return { kind: 'unusable', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Throws where the schema is none. */
export function compileSchema(schema: JsonSchema): AnswerSchema {
  const { $schema, ...rules } = schema;
  const ajv = validatorFor(typeof $schema === 'string' ? $schema : '');
  // The types of a CommonJS module's default export hide that it is the function itself.
  (addFormats as unknown as (to: Ajv) => void)(ajv);
  const validate = ajv.compile(rules);
  return {
    schema: rules,
    problemsOf: (value) => (validate(value) ? [] : (validate.errors ?? []).slice(0, MOST_PROBLEMS).map(toLine)),
  };
}

/** Unknown keywords and formats are no errors in JSON Schema. */
const OPTIONS: Options = { strict: false, allErrors: true, logger: false, validateSchema: true };

function validatorFor(dialect: string): Ajv {
  if (/draft-0?[4-7]\b/.test(dialect)) return new Ajv(OPTIONS);
  return dialect.includes('2019-09') ? new Ajv2019(OPTIONS) : new Ajv2020(OPTIONS);
}

/** A model mends what it can hold in mind. */
const MOST_PROBLEMS = 12;

function toLine({ instancePath, message, params }: ErrorObject): string {
  const allowed = 'allowedValues' in params ? `: ${JSON.stringify(params['allowedValues'])}` : '';
  const extra = 'additionalProperty' in params ? ` ("${String(params['additionalProperty'])}")` : '';
  return `${instancePath === '' ? 'the value' : instancePath} ${message ?? 'does not fit'}${allowed}${extra}`;
}
