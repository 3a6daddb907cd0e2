/** The parser takes any text; the corpus in test/plans shows what it makes of real plans. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { cpuMs } from '../../../test/support/cpu-time.ts';
import { renderDiagnostics } from '../render-diagnostic.ts';
import { compilePlan } from '../compile/compile-plan.ts';
import { lintPlan } from '../lint/lint-plan.ts';
import { parsePlan } from './parse-plan.ts';

const PIECES = [
  '# Plan: x',
  '## Tasks',
  '## Inputs',
  '## Goal',
  '## Available Scripts',
  '### a',
  '### b',
  '### Task: c (x)',
  '###',
  '---',
  'timeout: 5m',
  '- **command**: `echo {A} "{ITEM.x}"`',
  '- **command**:',
  '- **depends_on**: a, b, done(c)',
  '- **depends_on**: ["a", ',
  '- **foreach**: x.json:items',
  '- **type**: generate',
  '- **type**: nope',
  '* **timeout**: 5',
  '- model: demo',
  '- **A** (int, default 5)',
  '```',
  '```bash',
  '~~~',
  '  - a',
  '<!--',
  '-->',
  'cat <<EOF',
  "it's",
  '$(',
  '`',
  '${',
  '((',
  '[[ {A} -eq 1 ]]',
  '\\',
  '\t',
  '\r',
  '{raw:A}',
  '\\{NF}',
  '- **env**: A=1, B="',
  '- **when**: a == b',
  '- **when**: b_{ITEM.id} != {A}',
  '- **when**: a == a',
  '- **type**: target_count',
  '- **target**: {A}',
  '- **target**: 3',
  '- **tracked_task**: a',
  '- **discovery_tasks**: b, x',
  '- **type**: decide',
  '- **type**: parse',
  '- **type**: meta',
  '- **command**: load_llm',
  '- **executor**: brain',
  '- **schema**: {"a": [',
  '- **schema**: ./x.json',
  '- **options**: a, {A}',
  '- **batch_size**: 2',
  '- **produces**: x, {ITEM_KEY}',
  '- **llm_placement**: split_gpu',
  "- **command**: `run --a-model x --model='y`",
  '日本',
];
const planText = fc
  .array(fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...PIECES) }, fc.string({ unit: 'binary', maxLength: 12 })), {
    maxLength: 40,
  })
  .map((lines) => lines.join('\n'));

test('any text can be parsed, linted, compiled and drawn, and every finding has a place in it', () => {
  fc.assert(
    fc.property(planText, (text) => {
      const plan = parsePlan({ file: 'plan.md', text });
      const diagnostics = lintPlan(plan, { config: {}, modelIds: ['demo'], deviceMemoryMb: [8000], files: [] });

      expect(compilePlan(plan, { config: {} }).kind).toBeTypeOf('string');
      expect(renderDiagnostics(diagnostics, text)).toBeTypeOf('string');
      for (const { line, column, endColumn } of diagnostics) {
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(plan.lineCount);
        expect(endColumn).toBeGreaterThan(column);
      }
    }),
    { numRuns: 400 },
  );
});

describe('a hostile line costs no more than its length', () => {
  test.each([
    ['spaces', `- a${' '.repeat(200_000)}b`],
    ['stars', `- ${'*'.repeat(200_000)}`],
    ['braces', `- **command**: \`${'{A'.repeat(100_000)}\``],
    ['models', `- **llm_placement**: split_gpu\n- **command**: ${'--a-model-'.repeat(20_000)}`],
    ['a schema', `- **type**: parse\n- **schema**: ${'{'.repeat(100_000)}`],
    ['nesting', `- **command**: ${'$('.repeat(50_000)}`],
    ['parentheses', `- **command**: ${'(('.repeat(50_000)}`],
    ['commas', `- **depends_on**: ${'done(,'.repeat(50_000)}`],
  ])('%s', async (_, line) => {
    const ms = await cpuMs(() => lintPlan(parsePlan({ file: 'plan.md', text: `## Tasks\n### a\n${line}\n` })));

    expect(ms).toBeLessThan(2_000);
  });
});

function taskText(index: number): string {
  return `### t${index}\n- **task_class**: cpu\n- **command**: \`echo ${index}\`\n- **depends_on**: none\n`;
}

test('a plan of 100,000 tasks is parsed line by line', () => {
  const tasks = Array.from({ length: 100_000 }, (_, index) => taskText(index));

  const plan = parsePlan({ file: 'plan.md', text: `# Plan: large\n## Tasks\n${tasks.join('\n')}` });

  expect(plan.tasks).toHaveLength(100_000);
  expect(plan.tasks.at(-1)).toMatchObject({ id: 't99999', fields: { command: { value: 'echo 99999' } } });
});
