/** The form that an answer must have: what the engine is told of it, and how an answer is read by it. Pure. */

import type { AnswerSchema, JsonSchema } from './answer-schema.ts';
import { compileSchema } from './answer-schema.ts';
import { findJson } from './json-text.ts';
import { chooseOption } from './options.ts';

type Reading =
  | { readonly kind: 'fits'; readonly value: unknown }
  /** In words that a model can follow. */
  | { readonly kind: 'wrong'; readonly problems: readonly string[] };

export interface Form {
  /** For the engine's grammar. */
  readonly schema: JsonSchema;
  /** For the model, after what it is asked. */
  readonly instruction: string;
  read(text: string): Reading;
}

/** A JSON value that fits a schema. */
export function jsonForm(schema: AnswerSchema): Form {
  return {
    schema: schema.schema,
    instruction: `Answer with one JSON value and nothing else. It must fit this JSON Schema:\n${JSON.stringify(schema.schema)}`,
    read(text) {
      const found = findJson(text);
      if (found.kind === 'none') return { kind: 'wrong', problems: [found.reason] };
      const problems = schema.problemsOf(found.value);
      return problems.length === 0 ? { kind: 'fits', value: found.value } : { kind: 'wrong', problems };
    },
  };
}

/** One of the options, as it is written in the plan. Also read where a model says it without JSON. */
export function optionForm(options: readonly string[]): Form {
  const list = options.map((option) => JSON.stringify(option)).join(', ');
  return {
    schema: answerObject({ type: 'string', enum: options }),
    instruction: `Decide for exactly one of: ${list}. Answer with the JSON object {"answer": …} and nothing else.`,
    read(text) {
      const chosen = chooseOption(saidIn(text), options);
      if (chosen !== null) return { kind: 'fits', value: chosen };
      return { kind: 'wrong', problems: [`the answer is none of ${list}`] };
    },
  };
}

const LONGEST_OPEN_ANSWER = 500;
const OPEN = answerObject({ type: 'string', minLength: 1, maxLength: LONGEST_OPEN_ANSWER });
const OPEN_SCHEMA = compileSchema(OPEN);

/** A short text. */
export const openForm: Form = {
  schema: OPEN,
  instruction: 'Answer in a few words, with the JSON object {"answer": "…"} and nothing else.',
  read(text) {
    const said = saidIn(text).trim();
    if (said === '') return { kind: 'wrong', problems: ['the answer is empty'] };
    const problems = OPEN_SCHEMA.problemsOf({ answer: said });
    return problems.length === 0 ? { kind: 'fits', value: said } : { kind: 'wrong', problems };
  },
};

function answerObject(answer: JsonSchema): JsonSchema {
  return { type: 'object', properties: { answer }, required: ['answer'], additionalProperties: false };
}

/** The `answer` of an object, a JSON text, or the text as it is. */
function saidIn(text: string): string {
  const found = findJson(text);
  if (found.kind === 'none') return text.trim();
  const { value } = found;
  const answer = typeof value === 'object' && value !== null && 'answer' in value ? value.answer : value;
  return typeof answer === 'string' ? answer : text.trim();
}
