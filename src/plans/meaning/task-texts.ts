/** The texts of a task in which placeholders are replaced, with the reader of each. Ids, class and executor are none. */
import type { SourceText, TaskFieldName } from '../types.ts';
import type { ResolvedTask } from './resolve-task.ts';

export interface TaskText {
  /** `bash` escapes for its context, `python` takes only `{raw:…}`, `plain` splices values as they are. */
  readonly reader: 'bash' | 'python' | 'plain';
  readonly source: SourceText;
  /** A foreach list is found before there is an item. */
  readonly mayNameItem: boolean;
}

/** Fields whose values are spliced as they are. */
export const PLAIN_FIELDS: readonly TaskFieldName[] = [
  'requires',
  'produces',
  'env',
  'when',
  'input',
  'model',
  'llm_model',
  'max_tokens',
  'temperature',
  'schema',
  'options',
];

/** Of `PLAIN_FIELDS` only those named are looked at. */
export function textsOf({ task, program, prompt }: ResolvedTask, plainFields: readonly TaskFieldName[]): TaskText[] {
  const texts: TaskText[] = [];
  for (const name of plainFields) {
    const field = task.fields[name];
    if (field !== undefined) texts.push({ reader: 'plain', source: field.source, mayNameItem: true });
  }
  const { foreach } = task.fields;
  if (foreach !== undefined) texts.push({ reader: 'plain', source: foreach.source, mayNameItem: false });
  if (program !== undefined) texts.push({ reader: program.language, source: program.source, mayNameItem: true });
  if (prompt !== undefined) texts.push({ reader: 'plain', source: prompt, mayNameItem: true });
  return texts;
}
