/** The JSON Schema of the fields of a task, by the names and in the text that plan.md has. A test holds it complete. */
import { FIELD_NAMES, FIELD_SPECS } from '../parse/fields.ts';
import type { TaskFieldName } from '../types.ts';

type Schema = Readonly<Record<string, unknown>>;

interface FieldWords {
  readonly about: string;
  readonly form?: Schema;
}

const DURATION = { pattern: '^(\\d+(\\.\\d+)?|(\\d+(ms|s|m|h|d))+)$' };
const LIST = 'with commas';

const FIELDS: Readonly<Record<TaskFieldName, FieldWords>> = {
  executor: { about: 'Whose policy it runs under.', form: { enum: ['worker', 'brain'] } },
  task_class: { about: 'What it charges.', form: { enum: ['cpu', 'script', 'llm', 'meta', 'brain'] } },
  type: { about: 'What it is.', form: { enum: ['shell', 'generate', 'parse', 'decide', 'meta'] } },
  command: { about: 'Bash text in one back-tick span; or a fenced block below the fields.' },
  depends_on: { about: `none, or ids ${LIST}; done(x): ended either way, failed(x): failed.` },
  foreach: { about: 'FILE:dotted.path, or a .jsonl, .ndjson, .csv or .tsv file: one task for each item.' },
  batch_size: { about: 'Items that one task takes together.', form: { pattern: '^[1-9]\\d*$' } },
  requires: { about: `Paths ${LIST} that must be there when it begins.` },
  produces: { about: `Paths ${LIST} that must be there when it has succeeded.` },
  llm_model: { about: 'An older name of model.' },
  llm_min_tier: {
    about: 'Least tier of the model; without a model, one is chosen by it.',
    form: { pattern: '^[1-9]\\d*$' },
  },
  llm_placement: { about: 'Where its model may lie.', form: { enum: ['single_gpu', 'split_gpu'] } },
  vram_policy: { about: 'Where its memory estimate comes from.', form: { enum: ['default', 'infer', 'fixed'] } },
  vram_estimate_mb: { about: 'Device memory that it reserves, in megabytes.' },
  timeout: { about: 'Longest time of an attempt: seconds, or 90s, 5m, 1h30m.', form: DURATION },
  retries: { about: 'Further attempts after the first, 0 to 100.', form: { pattern: '^\\d{1,3}$' } },
  priority: { about: '0 to 10, higher first.', form: { pattern: '^(low|normal|high|urgent|\\d|10)$' } },
  env: { about: `NAME=value ${LIST}; quotes hold a comma.` },
  when: { about: 'TASK == VALUE or TASK != VALUE: runs only for that answer of a decide task.' },
  tolerance: { about: 'Items that may fail: 3 or 10%.', form: { pattern: '^\\d+\\s*%?$' } },
  cache: { about: 'inputs: not run again while nothing has changed.', form: { enum: ['none', 'inputs'] } },
  input: { about: `Files ${LIST} whose text follows the prompt.` },
  schema: { about: 'JSON Schema of the answer: a file of the plan, or the text.' },
  options: { about: `Answers to choose from, ${LIST}.` },
  model: { about: 'A model of the catalogue.' },
  max_tokens: { about: 'Longest answer.' },
  temperature: { about: 'Of sampling, 0 to 5.' },
  evaluate: { about: 'The brain scores its output.', form: { enum: ['true', 'false', 'yes', 'no'] } },
  fail_codes: { about: `Exit codes ${LIST} that fail it at once.` },
  stuck_after: { about: 'Silence after which it counts as stuck.', form: DURATION },
  pausable: { about: 'It may be stopped and continued.', form: { enum: ['true', 'false', 'yes', 'no'] } },
  sandbox: { about: 'What it runs in.', form: { enum: ['none', 'bwrap'] } },
  secrets: { about: `Names ${LIST} of secrets that its environment gets.` },
};

export function taskFieldsSchema(): Schema {
  const properties = FIELD_NAMES.map((name) => {
    const { about, form = {} } = FIELDS[name];
    const types = FIELD_SPECS[name].types.join(', ');
    return [name, { type: 'string', ...form, description: `${about} For ${types} tasks.` }];
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'The fields of a task in plan.md',
    type: 'object',
    properties: Object.fromEntries(properties) as Schema,
    additionalProperties: false,
  };
}
