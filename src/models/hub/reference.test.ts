import { isDeepStrictEqual } from 'node:util';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { fileNameOf, idOfReference, readReference, showReference } from './reference.ts';

const reading = (text: string) => {
  const read = readReference(text);
  return read.kind === 'read' ? read.reference : read.reason;
};

test('a repository, a revision, a file and a quantisation are read', () => {
  expect(reading('hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF')).toEqual({
    repo: 'Qwen/Qwen2.5-0.5B-Instruct-GGUF',
    revision: null,
    pick: { kind: 'default' },
  });
  expect(reading('hf:a/b@refs/pr/3:q8_0')).toEqual({
    repo: 'a/b',
    revision: 'refs/pr/3',
    pick: { kind: 'quantisation', name: 'Q8_0' },
  });
  expect(reading('hf:a/b:big/x-00001-of-00002.gguf')).toEqual({
    repo: 'a/b',
    revision: null,
    pick: { kind: 'file', path: 'big/x-00001-of-00002.gguf' },
  });
});

test.each([
  'Qwen/x',
  'hf:',
  'hf:a',
  'hf:a/b/c',
  'hf:../b',
  'hf:a/b@',
  'hf:a/b@../x',
  'hf:a/b:',
  'hf:a/b:../x.gguf',
  'hf:a/b:a b',
])('%s is no reference', (text) => {
  expect(readReference(text)).toMatchObject({ kind: 'invalid' });
});

test('what was read is written as it was, and any text is read in a moment', () => {
  const asItWas = fc.property(
    fc.oneof(
      fc.string(),
      fc.string().map((rest) => `hf:a/b${rest}`),
    ),
    (text) => {
      const read = readReference(text);
      return read.kind === 'invalid' || isDeepStrictEqual(readReference(showReference(read.reference)), read);
    },
  );
  expect(() => fc.assert(asItWas)).not.toThrow();
});

test('an id follows from the reference alone', () => {
  const idOf = (text: string): string => {
    const read = readReference(text);
    return read.kind === 'read' ? idOfReference(read.reference) : '';
  };
  expect(idOf('hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF')).toBe('qwen2.5-0.5b-instruct');
  expect(idOf('hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF:Q8_0')).toBe('qwen2.5-0.5b-instruct-q8_0');
  expect(idOf('hf:a/b:big/Some Model-00001-of-00002.gguf')).toBe('some-model');
});

test('no file of a folder of a model is called so that it leaves it', () => {
  expect(['a/b/x-Q4_K_M.gguf', 'a/..', '.hidden', 'ü b.gguf', ''].map(fileNameOf)).toEqual([
    'x-Q4_K_M.gguf',
    '_.',
    '_hidden',
    '_ b.gguf',
    '',
  ]);
});
