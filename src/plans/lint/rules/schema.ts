/** P051 and P052: a parse task without a schema, or with one that is none or is not there. */
import { writtenSchema } from '../../meaning/schema.ts';
import { spanOf } from '../../span.ts';
import { didYouMean } from '../../suggest.ts';
import type { Field, Span } from '../../types.ts';
import { tasksWith } from '../rule.ts';
import type { Finding, LintSubject, Rule } from '../rule.ts';

const EXAMPLE = '{"type": "object", "properties": {"total": {"type": "number"}}, "required": ["total"]}';

export const missingSchema: Rule = {
  code: 'P051',
  severity: 'error',
  check: (subject) =>
    tasksWith(subject, 'type')
      .filter(({ type, task }) => type === 'parse' && task.fields.schema === undefined)
      .filter(({ task }) => !task.badFields.some(({ name }) => name === 'schema'))
      .map(({ task }) => ({
        at: task.idAt,
        message: `"${task.id}" is of type parse and has no schema`,
        help: `write - **schema**: schemas/NAME.json, or the JSON Schema itself on one line: ${EXAMPLE}`,
      })),
};

export const wrongSchema: Rule = {
  code: 'P052',
  severity: 'error',
  check: (subject) =>
    tasksWith(subject, 'schema').flatMap(({ type, task }) =>
      type === 'parse' && task.fields.schema !== undefined ? wrongIn(task.fields.schema, subject) : [],
    ),
};

function wrongIn({ value, source }: Field<string>, { context }: LintSubject): Finding[] {
  const at = spanOf(source);
  const schema = writtenSchema(value);
  if (schema.kind === 'inline') {
    if (!isJsonObject(schema.text))
      return [{ at, message: 'the schema is no JSON object', help: `write it like ${EXAMPLE}` }];
    return unusable('the schema', context.schemaFault?.(schema), at);
  }
  const { files } = context;
  if (files === undefined || !isInFolder(schema.path)) return [];
  const path = normal(schema.path);
  if (files.includes(path)) return unusable(path, context.schemaFault?.({ kind: 'file', path }), at);
  const message = `${schema.path} is not among the files of the plan`;
  return [{ at, message, ...didYouMean(schema.path, files, 'add the file below schemas/, scripts/ or lib/') }];
}

function unusable(what: string, fault: string | undefined, at: Span): Finding[] {
  if (fault === undefined) return [];
  return [{ at, message: `${what} is no JSON Schema: ${fault}`, help: `write one like ${EXAMPLE}` }];
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** Absolute paths and those with a value in them are looked at when the task runs. */
function isInFolder(path: string): boolean {
  return !path.startsWith('/') && !path.includes('{');
}

function normal(path: string): string {
  return path.replace(/^\.\//, '');
}
