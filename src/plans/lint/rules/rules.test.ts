/** The table of findings in docs/plan-format.md and the rules are the same list. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FIELD_NAMES } from '../../parse/fields.ts';
import { RULES } from './index.ts';

const page = readFileSync(new URL('../../../../docs/plan-format.md', import.meta.url), 'utf8');

test('every code is documented with its severity, and no other', () => {
  const documented = [...page.matchAll(/^\| (P\d{3}) \| (error|warning) \|/gm)].map(
    (match) => `${match[1]} ${match[2]}`,
  );
  const known = new Set(RULES.map(({ code, severity }) => `${code} ${severity}`));

  expect(documented).toEqual([...known].toSorted());
});

test('every field is documented', () => {
  expect(FIELD_NAMES.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
