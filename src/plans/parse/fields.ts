/**
 * The table of task fields: how each is read, for which task types it means something, and whether this release
 * acts on it. To add a field: its type in `types.ts`, a row here, a row in docs/plan-format.md.
 */
import type { TaskFieldName, TaskFieldValues, TaskType } from '../types.ts';
import * as values from './values.ts';

export interface FieldSpec<T> {
  readonly parse: values.ValueParser<T>;
  readonly types: readonly TaskType[];
  /** `accepted`: read and kept, but nothing acts on it yet; lint says so. */
  readonly status: 'acts' | 'accepted';
  /** How a repeated field adds to the one before; without it the later one counts. */
  readonly merge?: (before: T, later: T) => T;
}

export const TASK_CLASSES = ['cpu', 'script', 'llm', 'meta', 'brain'] as const;
const ALL: readonly TaskType[] = ['shell', 'generate', 'parse', 'decide', 'meta'];
const COMMAND: readonly TaskType[] = ['shell', 'meta'];
const MODEL: readonly TaskType[] = ['generate', 'parse', 'decide'];

function acts<T>(parse: values.ValueParser<T>, types: readonly TaskType[] = ALL): FieldSpec<T> {
  return { parse, types, status: 'acts' };
}

function accepted<T>(parse: values.ValueParser<T>, types: readonly TaskType[] = ALL): FieldSpec<T> {
  return { parse, types, status: 'accepted' };
}

const MAX = Number.MAX_SAFE_INTEGER;

export const FIELD_SPECS: { readonly [K in TaskFieldName]: FieldSpec<TaskFieldValues[K]> } = {
  executor: acts(values.oneOf('worker', 'brain')),
  task_class: acts(values.classOf(...TASK_CLASSES)),
  type: acts(values.oneOf('shell', 'generate', 'parse', 'decide', 'meta')),
  command: acts(values.text, COMMAND),
  depends_on: acts(values.dependencies),
  foreach: acts(values.foreach),
  batch_size: accepted(values.integer(1, MAX)),
  requires: acts(values.texts),
  produces: acts(values.texts),
  llm_model: acts(values.text, ['shell', ...MODEL]),
  llm_min_tier: accepted(values.integer(1, MAX), ['shell', ...MODEL]),
  llm_placement: accepted(values.oneOf('single_gpu', 'split_gpu'), ['shell', ...MODEL]),
  vram_policy: accepted(values.oneOf('default', 'infer', 'fixed'), COMMAND),
  vram_estimate_mb: acts(values.megabytes, COMMAND),
  timeout: acts(values.duration),
  retries: acts(values.integer(0, 100)),
  priority: acts(values.priority),
  env: { ...acts(values.environment, COMMAND), merge: (before, later) => ({ ...before, ...later }) },
  when: accepted(values.when),
  tolerance: accepted(values.tolerance),
  cache: accepted(values.oneOf('none', 'inputs')),
  input: acts(values.texts, MODEL),
  schema: accepted(values.text, ['parse']),
  options: accepted(values.texts, ['decide']),
  model: acts(values.text, ['shell', 'meta', ...MODEL]),
  max_tokens: acts(values.numberOrPlaceholder(1, 1_000_000), MODEL),
  temperature: acts(values.numberOrPlaceholder(0, 5), MODEL),
  evaluate: accepted(values.boolean),
  fail_codes: acts(values.exitCodes, COMMAND),
  stuck_after: accepted(values.duration),
  pausable: accepted(values.boolean, COMMAND),
  sandbox: accepted(values.oneOf('none', 'bwrap'), COMMAND),
  secrets: accepted(values.texts, COMMAND),
};

const NAMES: ReadonlySet<string> = new Set(Object.keys(FIELD_SPECS));

export const FIELD_NAMES = Object.keys(FIELD_SPECS).filter(isFieldName);

export function isFieldName(name: string): name is TaskFieldName {
  return NAMES.has(name);
}
