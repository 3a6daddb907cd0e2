import { expect, test } from 'vitest';

import { compilePlan, parsePlan } from '../index.ts';

function typeOf(...fields: readonly string[]): string | undefined {
  const lines = fields.map((field) => `- ${field}`).join('\n');
  const plan = parsePlan({ file: 'plan.md', text: `# Plan: x\n## Tasks\n### a\n${lines}\n` });
  const result = compilePlan(plan, { config: {} });
  return result.kind === 'compiled' ? result.plan.nodes[0]?.type : undefined;
}

test('a load that an old plan writes with a class alone is a load', () => {
  expect(typeOf('**task_class**: meta', '**llm_model**: demo', '**command**: `load_llm`')).toBe('meta');
  expect(typeOf('**task_class**: meta', '**llm_model**: demo', '**command**: unload_llm')).toBe('meta');
});

test('every other command of class meta, and what has a type, is what it says', () => {
  expect(typeOf('**task_class**: meta', '**command**: `echo load_llm`')).toBe('shell');
  expect(typeOf('**task_class**: cpu', '**command**: `load_llm`')).toBe('shell');
  expect(typeOf('**task_class**: meta', '**type**: shell', '**command**: `load_llm`')).toBe('shell');
});
