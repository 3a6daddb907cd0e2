import { describe, expect, test } from 'vitest';

import { compilePlan, lintPlan, parsePlan } from '../index.ts';
import type { LintContext } from '../index.ts';

const SIZES: LintContext = { modelIds: ['small', 'large'], modelParameters: { small: 1e9, large: 30e9 }, files: [] };

function planWith(...fields: readonly string[]) {
  const lines = fields.map((field) => `- ${field}`).join('\n');
  const text = `---\ntimeout: 1m\n---\n# Plan: x\n## Tasks\n### a\n${lines}\n\n~~~prompt\nHi\n~~~\n`;
  return parsePlan({ file: 'plan.md', text });
}

function codesOf(context: LintContext, ...fields: readonly string[]): string[] {
  return lintPlan(planWith(...fields), context).map(({ code }) => code);
}

describe('a task that names no model and says what it must be like', () => {
  test('is compiled with that in place of a model', () => {
    const plan = planWith('**type**: generate', '**llm_min_tier**: 3', '**llm_placement**: single_gpu');
    const compiled = compilePlan(plan, { ...SIZES, config: {} });

    expect(compiled).toMatchObject({
      kind: 'compiled',
      plan: { nodes: [{ model: '', modelWish: { minTier: 3, placement: 'single_gpu' } }] },
    });
  });

  test('has no finding while some model does, and P058 when none is large enough', () => {
    expect(codesOf(SIZES, '**type**: generate', '**llm_min_tier**: 4')).toEqual([]);
    expect(codesOf(SIZES, '**type**: generate', '**llm_min_tier**: 5')).toEqual(['P058']);
    expect(codesOf({}, '**type**: generate', '**llm_min_tier**: 5')).toEqual([]);
  });

  test('still wants one of the two', () => {
    expect(codesOf(SIZES, '**type**: generate')).toEqual(['P044']);
    expect(codesOf(SIZES, '**type**: generate', '**llm_placement**: split_gpu')).toEqual([]);
  });

  test('goes by the model where one is named', () => {
    expect(codesOf(SIZES, '**type**: generate', '**model**: small', '**llm_min_tier**: 4')).toEqual(['P058']);
    expect(codesOf(SIZES, '**type**: generate', '**model**: large', '**llm_min_tier**: 4')).toEqual([]);
  });
});
