/** What a person sees of a finding: short lines whole, long lines around the caret, nothing that moves the cursor. */
import { expect, test } from 'vitest';
import { renderDiagnostics } from './render-diagnostic.ts';

const FINDING = { code: 'P030', severity: 'error', file: 'plan.md', line: 1, message: 'unresolved' } as const;

test('the caret stands below tabs and wide characters', () => {
  const drawn = renderDiagnostics([{ ...FINDING, column: 5, endColumn: 8, help: 'do this' }], '\t日本 abc\n');

  expect(drawn).toBe('plan.md:1:5: error P030 unresolved\n        日本 abc\n             ^~~\nhelp: do this');
});

test('of a very long line only the part around the caret is shown', () => {
  const line = `${'a'.repeat(50_000)}HERE${'b'.repeat(50_000)}`;

  const drawn = renderDiagnostics([{ ...FINDING, column: 50_001, endColumn: 50_005 }], line);

  expect(drawn.split('\n')[1]).toHaveLength(4 + 160);
  expect(drawn.split('\n')[2]).toBe(`    ${' '.repeat(60)}^~~~`);
});

test('a help that quotes a very long value is cut', () => {
  const drawn = renderDiagnostics([{ ...FINDING, column: 1, help: `write ${'x'.repeat(1_000_000)}` }], 'a');

  expect(drawn.split('\n').at(-1)).toMatch(/^help: write x+…$/u);
  expect(drawn.length).toBeLessThan(600);
});

test('control characters of a plan never reach the terminal', () => {
  const drawn = renderDiagnostics([{ ...FINDING, column: 1, message: 'bad \x1b[2J' }], 'x \x1b[31m \u202e');

  expect(drawn).not.toContain('\x1b');
  expect(drawn).not.toContain('\u202e');
});
