/** The corpus of plans: every file in valid/ and invalid/ gives exactly what lies beside it as `.expected`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compilePlan, parsePlan, renderDiagnostics } from '../../src/plans/index.ts';

const CONTEXT = { config: {}, modelIds: ['demo', 'qwen', 'brain'], deviceMemoryMb: [6144, 24_576], files: ['scripts/pack.sh', 'scripts/heavy.py', 'schemas/invoice.json'] };

function plansIn(folder: string): string[] {
  return readdirSync(join(import.meta.dirname, folder)).filter((name) => name.endsWith('.md'));
}

function compile(path: string) {
  const text = readFileSync(path, 'utf8');
  const result = compilePlan(parsePlan({ file: 'plan.md', text }), CONTEXT);
  return { result, drawn: renderDiagnostics(result.diagnostics, text) };
}

describe('a valid plan compiles to the expected nodes', () => {
  test.each(plansIn('valid'))('%s', async (name) => {
    const path = join(import.meta.dirname, 'valid', name);

    const { result, drawn } = compile(path);

    expect(result.kind).toBe('compiled');
    const plan = result.kind === 'compiled' ? JSON.stringify(result.plan, null, 2) : '';
    await expect(`${drawn}\n\n${plan}\n`).toMatchFileSnapshot(path.replace(/md$/, 'expected'));
  });
});

describe('an invalid plan is told what is wrong, where, and what to write', () => {
  test.each(plansIn('invalid'))('%s', async (name) => {
    const path = join(import.meta.dirname, 'invalid', name);

    const { result, drawn } = compile(path);

    expect(result.kind).toBe('rejected');
    await expect(`${drawn}\n`).toMatchFileSnapshot(path.replace(/md$/, 'expected'));
  });
});
