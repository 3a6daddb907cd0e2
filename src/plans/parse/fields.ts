/**
 * The table of task fields: how each is read, and for which task types it means something. To add a field: its type in
 * `types/written.ts`, a row here, a row in docs/plan-format.md.
 */
import type { TaskFieldName, TaskFieldValues, TaskType } from '../types.ts';
import { cutCommand } from './command-span.ts';
import { fieldTable } from './field-reader.ts';
import type { FieldSpec } from './field-reader.ts';
import * as values from './values.ts';

interface TaskFieldSpec<T> extends FieldSpec<T> {
  readonly types: readonly TaskType[];
}

export const TASK_CLASSES = ['cpu', 'script', 'llm', 'meta', 'brain'] as const;
const ALL: readonly TaskType[] = ['shell', 'generate', 'parse', 'decide', 'meta'];
const SHELL: readonly TaskType[] = ['shell'];
const ASKING: readonly TaskType[] = ['generate', 'parse', 'decide'];
const WORKING: readonly TaskType[] = [...SHELL, ...ASKING];

function field<T>(parse: values.ValueParser<T>, types: readonly TaskType[] = ALL): TaskFieldSpec<T> {
  return { parse, types };
}

const MAX = Number.MAX_SAFE_INTEGER;

export const FIELD_SPECS: { readonly [K in TaskFieldName]: TaskFieldSpec<TaskFieldValues[K]> } = {
  executor: field(values.oneOf('worker', 'brain')),
  task_class: field(values.classOf(...TASK_CLASSES)),
  type: field(values.oneOf('shell', 'generate', 'parse', 'decide', 'meta')),
  command: { ...field(values.text, ['shell', 'meta']), cut: cutCommand },
  depends_on: field(values.dependencies),
  foreach: field(values.foreach),
  batch_size: field(values.integer(1, MAX), SHELL),
  requires: field(values.texts),
  produces: field(values.texts, WORKING),
  llm_model: field(values.text),
  llm_min_tier: field(values.integer(1, MAX), WORKING),
  llm_placement: field(values.oneOf('single_gpu', 'split_gpu'), WORKING),
  vram_policy: field(values.oneOf('default', 'infer', 'fixed'), SHELL),
  vram_estimate_mb: field(values.megabytes, SHELL),
  timeout: field(values.duration),
  retries: field(values.integer(0, 100)),
  priority: field(values.priority),
  env: { ...field(values.environment, SHELL), merge: (before, later) => ({ ...before, ...later }) },
  when: field(values.when),
  tolerance: field(values.tolerance),
  cache: field(values.oneOf('none', 'inputs'), WORKING),
  input: field(values.texts, ASKING),
  schema: field(values.text, ['parse']),
  options: field(values.texts, ['decide']),
  model: field(values.text),
  max_tokens: field(values.numberOrPlaceholder(1, 1_000_000), ASKING),
  temperature: field(values.numberOrPlaceholder(0, 5), ASKING),
  evaluate: field(values.boolean, WORKING),
  fail_codes: field(values.exitCodes, SHELL),
  stuck_after: field(values.duration, WORKING),
  pausable: field(values.boolean, SHELL),
  sandbox: field(values.oneOf('none', 'bwrap'), SHELL),
  secrets: field(values.secretNames, SHELL),
};

export const TASK_FIELDS = fieldTable<TaskFieldValues>(FIELD_SPECS);

export const { isKnown: isFieldName } = TASK_FIELDS;

export const FIELD_NAMES: readonly TaskFieldName[] = Object.keys(FIELD_SPECS).filter(isFieldName);
