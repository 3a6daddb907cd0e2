/** The texts of a task in which placeholders are replaced, with the reader of each. Ids, class and executor are none. */
import type { PlanTask, SourceText, TaskFieldName } from '../types.ts';

export interface TaskText {
  /** `bash` escapes for its context, `python` takes only `{raw:…}`, `plain` splices values as they are. */
  readonly reader: 'bash' | 'python' | 'plain';
  readonly source: SourceText;
  /** A foreach list is found before there is an item. */
  readonly mayNameItem: boolean;
}

const PLAIN_FIELDS: readonly TaskFieldName[] = [
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

export function plainTexts({ fields }: PlanTask): TaskText[] {
  const texts: TaskText[] = [];
  for (const name of PLAIN_FIELDS) {
    const field = fields[name];
    if (field !== undefined) texts.push({ reader: 'plain', source: field.source, mayNameItem: true });
  }
  const { foreach } = fields;
  if (foreach !== undefined) texts.push({ reader: 'plain', source: foreach.source, mayNameItem: false });
  return texts;
}
