import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Diagnostic } from '../../contract/index.ts';
import { compilePlan } from '../compile/compile-plan.ts';
import { lintPlan } from '../lint/lint-plan.ts';
import { parsePlan } from '../parse/parse-plan.ts';
import { formatPlan } from './format-plan.ts';

const REPOSITORY = join(import.meta.dirname, '../../..');
const CONTEXT = { config: {}, modelIds: ['demo', 'qwen'], deviceMemoryMb: [6144, 24_576] };
/** What the formatter mends. */
const MENDED = new Set(['P002', 'P003', 'P004']);

function markdownBelow(folder: string): string[] {
  return readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.includes('history'))
    .map((name) => join(folder, name));
}

const CORPUS = [...markdownBelow('test/plans'), ...markdownBelow('examples/plans')].filter(
  (path) => !path.endsWith('README.md'),
);

/** What a plan comes to, without the lines it stands on; for a plan with errors, what is wrong with it. */
function meaning(text: string): unknown {
  const result = compilePlan(parsePlan({ file: 'plan.md', text }), CONTEXT);
  if (result.kind === 'rejected') return errorsOf(result.diagnostics);
  return { ...result.plan, nodes: result.plan.nodes.map((node) => ({ ...node, line: 0 })) };
}

/** What a plan means once its near misses are mended: where it had no other errors, what the formatted one says. */
function mended(text: string, formatted: string): unknown {
  const before = meaning(text);
  return Array.isArray(before) && before.length === 0 ? meaning(formatted) : before;
}

function errorsOf(diagnostics: readonly Diagnostic[]): string[] {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code);
  return errors.filter((code) => !MENDED.has(code)).toSorted();
}

describe('over the corpus', () => {
  test.each(CORPUS)('%s means the same when it is formatted, and is formatted once and for all', (path) => {
    const text = readFileSync(join(REPOSITORY, path), 'utf8');

    const formatted = formatPlan(text);

    expect(formatPlan(formatted)).toBe(formatted);
    expect(meaning(formatted)).toEqual(mended(text, formatted));
  });

  test('a suite of near misses is mended as far as it can be without guessing', () => {
    const text = readFileSync(join(REPOSITORY, 'test/plans/invalid/near-miss-suite.md'), 'utf8');
    const codesOf = (plan: string) => lintPlan(parsePlan({ file: 'plan.md', text: plan })).map(({ code }) => code);

    const formatted = formatPlan(text);

    expect(codesOf(text).filter((code) => MENDED.has(code)).length).toBeGreaterThan(10);
    expect(codesOf(formatted).filter((code) => MENDED.has(code))).toEqual([]);
    expect(formatted).toContain(
      '### merge\n- **task_class**: cpu\n- **command**: `scripts/merge.sh`\n- **depends_on**: fetch tiles\n',
    );
    expect(formatted).toContain('- **depends_on**: render, merge\n');
  });
});

const value = fc.constantFrom('a', '`a`', 'CPU', '["a", "b, c"]', 'a ,b', '"x, y", z', 'None.', '', '5m', 'yes', 'A=1,B="x, y"', 'run `x` now', 'echo {ITEM}', '[]', 'f.json:items', '``a`b``', '`'); // prettier-ignore
const name = fc.constantFrom('task_class', 'command', 'depends_on', 'requires', 'env', 'timeout', 'evaluate', 'foreach', 'produces', 'remark', 'type', 'when', 'priority'); // prettier-ignore
const field = fc
  .tuple(
    fc.constantFrom('- **N**: V', '* **N**: V', '- N: V', '  - **N**: V', '- **N:** V', 'N: V', '1. **N** V'),
    name,
    value,
  )
  .map(([form, n, v]) => form.replace('N', () => n).replace('V', () => v));
const line = fc.oneof(
  { weight: 4, arbitrary: field },
  { weight: 2, arbitrary: fc.constantFrom('### a', '### b', '### Task: a (optional)', '###  c  ') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('', '', '  - item', '- a remark', 'prose  ', '```bash', '```', '  ```', '~~~', '<!-- note', 'x -->', '---', '#### d', '\ttabbed'), // prettier-ignore
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('# Plan: x', '# y', '## Tasks', '## tasks', '## Task List', '## Inputs', '- DIR: x', '- **DIR** (default 1): x', '## Notes', '## goal', '- **type**: target_count'), // prettier-ignore
  },
);
const anyPlan = fc.array(line, { maxLength: 30 }).map((lines) => lines.join('\n'));
const likelyPlan = fc.array(fc.oneof(field, fc.constantFrom('', '### a', '### b', '### c')), { maxLength: 20 }).map((lines) => `# Plan: p\n## Tasks\n### x\n- **command**: true\n${lines.join('\n')}`); // prettier-ignore

/** Whether the formatter gives a section its right name, whose tasks were none before. */
function bringsTasksIn(text: string): boolean {
  const titles = parsePlan({ file: 'plan.md', text }).sections.map(({ title }) => title.toLowerCase());
  return titles.includes('task list') && !titles.includes('tasks');
}

describe('over generated plans', () => {
  test('formatting twice is formatting once', () => {
    fc.assert(
      fc.property(fc.oneof(anyPlan, likelyPlan), (text) => {
        const formatted = formatPlan(text);
        expect(formatPlan(formatted)).toBe(formatted);
      }),
      { numRuns: 1_000 },
    );
  });

  test('formatting adds no fault, and a plan without errors means what it meant', { timeout: 90_000 }, () => {
    fc.assert(
      fc.property(fc.oneof(anyPlan, likelyPlan), (text) => {
        fc.pre(!bringsTasksIn(text));
        const formatted = formatPlan(text);
        expect(meaning(formatted)).toEqual(mended(text, formatted));
      }),
      { numRuns: 1_000 },
    );
  });

  test('a list below its field keeps its items', () => {
    expect(formatPlan('# x\n## Tasks\n### a\n* depends_on:\n  - b\n  - c\n\n\nprose\n```bash\ntrue\n```')).toBe(
      '# Plan: x\n\n## Tasks\n\n### a\n- **depends_on**: b, c\n\nprose\n\n```bash\ntrue\n```\n',
    );
  });
});
