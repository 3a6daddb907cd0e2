import { expect, test } from 'vitest';

import { chooseFiles, quantisationOf } from './choose-files.ts';
import type { FilePick } from './reference.ts';

const files = (...paths: string[]) => paths.map((path) => ({ path, sizeBytes: 1, sha256: null }));
const chosen = (paths: string[], pick: FilePick = { kind: 'default' }) => {
  const choice = chooseFiles(files(...paths), pick);
  if (choice.kind === 'none') return choice;
  return [...choice.parts.map(({ path }) => path), ...(choice.projector === null ? [] : [choice.projector.path])];
};

test('without a wish Q4_K_M is taken, or what comes nearest', () => {
  expect(chosen(['m-Q8_0.gguf', 'm-Q4_K_M.gguf', 'README.md'])).toEqual(['m-Q4_K_M.gguf']);
  expect(chosen(['m.f16.gguf', 'm.Q5_K_M.gguf', 'm.Q2_K.gguf'])).toEqual(['m.Q5_K_M.gguf']);
  expect(chosen(['only.gguf'])).toEqual(['only.gguf']);
});

test('a wish is a quantisation or a file, in a folder or not', () => {
  const paths = ['Q4_K_M/m-Q4_K_M.gguf', 'm-Q8_0.gguf'];
  expect(chosen(paths, { kind: 'quantisation', name: 'Q8_0' })).toEqual(['m-Q8_0.gguf']);
  expect(chosen(paths, { kind: 'file', path: 'm-Q4_K_M.gguf' })).toEqual(['Q4_K_M/m-Q4_K_M.gguf']);
  expect(chosen(paths, { kind: 'quantisation', name: 'Q3_K_S' })).toMatchObject({
    kind: 'none',
    choices: ['Q4_K_M', 'Q8_0'],
  });
});

test('a model in parts comes with all of them, in order, or not at all', () => {
  const parts = ['m-Q4_K_M-00002-of-00002.gguf', 'm-Q4_K_M-00001-of-00002.gguf'];
  expect(chosen(parts)).toEqual(parts.toReversed());
  expect(chosen(parts, { kind: 'file', path: parts[0] ?? '' })).toEqual(parts.toReversed());
  expect(chosen(parts.slice(1))).toMatchObject({ kind: 'none', reason: expect.stringContaining('parts') as string });
});

test('a projector is no model, and comes beside one', () => {
  expect(chosen(['mmproj-m-f16.gguf', 'mmproj-m-f32.gguf', 'm-Q4_K_M.gguf'])).toEqual([
    'm-Q4_K_M.gguf',
    'mmproj-m-f16.gguf',
  ]);
  expect(chosen(['mmproj-m-f16.gguf', 'config.json'])).toMatchObject({ kind: 'none' });
});

test('the name of a file tells its quantisation', () => {
  expect(['a-q4_k_m.gguf', 'b.IQ4_XS.gguf', 'c-UD-Q4_K_XL.gguf', 'Qwen2.5-7B.gguf'].map(quantisationOf)).toEqual([
    'Q4_K_M',
    'IQ4_XS',
    'Q4_K_XL',
    null,
  ]);
});
