import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

test('every fact is documented', () => {
  const source = readFileSync(new URL('./facts.ts', import.meta.url), 'utf8');
  const page = readFileSync(new URL('../../docs/facts.md', import.meta.url), 'utf8');
  const declared = [...source.matchAll(/^ {2}'([a-z_.]+)': /gm)].map(([, type]) => type);
  const documented = [...page.matchAll(/^\| `([a-z_.]+)` \|/gm)].map(([, type]) => type);
  expect(declared.length).toBeGreaterThan(20);
  expect(documented).toEqual(declared);
});
