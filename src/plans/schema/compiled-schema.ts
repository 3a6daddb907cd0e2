/** The JSON Schema of a compiled plan, for programs that read or check one. A test holds it against the corpus. */

type Schema = Readonly<Record<string, unknown>>;

const text = { type: 'string' } as const;
const texts = { type: 'array', items: text } as const;
const count = { type: 'integer', minimum: 0 } as const;
const atLeastOne = { type: 'integer', minimum: 1 } as const;
const numberOrPlaceholder = { type: ['number', 'string'] } as const;
const named = { type: 'object', additionalProperties: text } as const;

function object(properties: Schema, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required, additionalProperties: false };
}

function about(schema: Schema, description: string): Schema {
  return { ...schema, description };
}

const dependency = object(
  {
    on: about(text, 'The task or template that comes before.'),
    condition: { enum: ['success', 'done', 'failed'] },
    perItem: about(text, 'The item task that is meant, with {ITEM…} in it.'),
  },
  ['perItem'],
);

const COMMON: Schema = {
  name: about(text, 'Unique in the batch.'),
  kind: about({ enum: ['task', 'template'] }, 'A template makes one task for each item of its list.'),
  taskClass: { enum: ['cpu', 'script', 'llm', 'meta', 'brain'] },
  executor: { enum: ['worker', 'brain'] },
  deps: { type: 'array', items: { $ref: '#/$defs/dependency' } },
  foreach: about(object({ path: text, pointer: text }, ['pointer']), 'Exactly in templates.'),
  retries: about(count, 'Further attempts after the first.'),
  timeoutMs: { type: 'number', exclusiveMinimum: 0 },
  priority: { type: 'integer', minimum: 0, maximum: 10 },
  env: named,
  requires: texts,
  produces: texts,
  when: about(
    object({ on: text, perItem: text, operator: { enum: ['==', '!='] }, value: text }, ['perItem']),
    'The answer of a decide task that it needs.',
  ),
  tolerance: {
    oneOf: [
      object({ kind: { const: 'count' }, count }),
      object({ kind: { const: 'percent' }, percent: { type: 'integer', minimum: 0, maximum: 100 } }),
    ],
  },
  batchSize: about({ type: 'integer', minimum: 2 }, 'Items that one task takes together.'),
  cache: { const: 'inputs' },
  evaluate: { const: true },
  stuckAfterMs: { type: 'number', exclusiveMinimum: 0 },
  classProblem: about(text, 'Why taskClass is a guess.'),
  line: about(atLeastOne, 'Of the heading in plan.md.'),
};
const COMMON_OPTIONAL = [
  'foreach',
  'when',
  'tolerance',
  'batchSize',
  'cache',
  'evaluate',
  'stuckAfterMs',
  'classProblem',
];

const modelWish = object(
  { minTier: { type: 'integer', minimum: 1 }, placement: { enum: ['single_gpu', 'split_gpu'] } },
  ['placement'],
);

const ASKING: Schema = {
  prompt: text,
  model: text,
  modelWish: about(modelWish, 'What the model must be like, where none is named.'),
  input: about(texts, 'Files whose text follows the prompt.'),
  maxTokens: numberOrPlaceholder,
  temperature: numberOrPlaceholder,
};
const ASKING_OPTIONAL = [...COMMON_OPTIONAL, 'modelWish', 'maxTokens', 'temperature'];

const shell = object(
  {
    ...COMMON,
    type: { const: 'shell' },
    command: object({ language: { enum: ['bash', 'python'] }, text }),
    model: text,
    modelWish,
    failCodes: { type: 'array', items: { type: 'integer', minimum: 0, maximum: 255 } },
    vramPolicy: { enum: ['infer', 'fixed'] },
    vramEstimateMb: atLeastOne,
    pausable: { const: true },
    sandbox: { const: 'bwrap' },
    secrets: texts,
  },
  [...COMMON_OPTIONAL, 'model', 'modelWish', 'vramPolicy', 'vramEstimateMb', 'pausable', 'sandbox', 'secrets'],
);
const generate = object({ ...COMMON, ...ASKING, type: { const: 'generate' } }, ASKING_OPTIONAL);
const parse = object(
  {
    ...COMMON,
    ...ASKING,
    type: { const: 'parse' },
    schema: { oneOf: [object({ kind: { const: 'inline' }, text }), object({ kind: { const: 'file' }, path: text })] },
  },
  ASKING_OPTIONAL,
);
const decide = object({ ...COMMON, ...ASKING, type: { const: 'decide' }, options: texts }, ASKING_OPTIONAL);
const meta = object(
  { ...COMMON, type: { const: 'meta' }, action: { enum: ['load_llm', 'unload_llm'] }, model: text },
  COMMON_OPTIONAL,
);

const goal = object({
  type: { const: 'target_count' },
  target: atLeastOne,
  tolerance: about(count, 'How many fewer will do.'),
  trackedTask: about(text, 'The template whose successes count.'),
  discoveryTasks: texts,
  maxAttemptsMultiplier: { type: 'number', minimum: 1 },
});

export function compiledPlanSchema(): Schema {
  const nodes = { shell, generate, parse, decide, meta };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A compiled Drover plan',
    ...object(
      {
        format: { const: 1 },
        name: text,
        objective: text,
        variables: about(named, 'The value of every input and config key.'),
        nodes: about(
          { type: 'array', items: { oneOf: Object.keys(nodes).map((type) => ({ $ref: `#/$defs/${type}` })) } },
          'In an order that respects deps.',
        ),
        goal: about(goal, 'Exactly in goal-driven plans.'),
      },
      ['goal'],
    ),
    $defs: { dependency, ...nodes },
  };
}
