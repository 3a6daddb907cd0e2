/** The texts of a task in which placeholders are replaced, with the reader of each. Ids, class and executor are none. */
import type { PlanTask, SourceText, Span, TaskFieldName } from '../types.ts';

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
  const texts = PLAIN_FIELDS.flatMap((name): TaskText[] => {
    const field = fields[name];
    return field === undefined ? [] : [{ reader: 'plain', source: field.source, mayNameItem: true }];
  });
  const { foreach } = fields;
  return foreach === undefined ? texts : [...texts, { reader: 'plain', source: foreach.source, mayNameItem: false }];
}

/** The place of an offset range of a text; a range over several lines ends with its first. */
export function placeIn({ text, line, column }: SourceText, start: number, end: number): Span {
  let lineStart = 0;
  let number = line;
  for (let at = text.indexOf('\n'); at >= 0 && at < start; at = text.indexOf('\n', at + 1)) {
    lineStart = at + 1;
    number += 1;
  }
  const newline = text.indexOf('\n', start);
  const lastOffset = newline < 0 ? end : Math.min(end, newline);
  const first = column + start - lineStart;
  return { line: number, column: first, endColumn: Math.max(first + 1, column + lastOffset - lineStart) };
}
