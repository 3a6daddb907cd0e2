/** P005: a bullet whose name is nearly that of a field. */
import { looseName } from '../../parse/field-line.ts';
import { closest } from '../../suggest.ts';
import type { OddBlock } from '../field-blocks.ts';
import type { Finding, Rule } from '../rule.ts';

const MAX_DISTANCE = 2;

export const misspelledField: Rule = {
  code: 'P005',
  severity: 'error',
  check: ({ oddBlocks }) => oddBlocks.flatMap(misspelledIn),
};

function misspelledIn({ unknownFields, strayLines, names }: OddBlock): Finding[] {
  const fields = unknownFields.map(({ name, nameAt }) => ({ name, at: nameAt }));
  const bullets = strayLines.map(({ text, at }) => ({ name: looseName(text), at }));
  return [...fields, ...bullets].flatMap(({ name, at }) => {
    const guess = fieldMeantBy(name, names);
    if (guess === undefined) return [];
    return [{ at, message: `unknown field "${name}"`, help: `did you mean "${guess}"? write - **${guess}**: …` }];
  });
}

/** The field that a name nearly is. */
export function fieldMeantBy(name: string | undefined, names: readonly string[]): string | undefined {
  return name === undefined ? undefined : closest(name, names, MAX_DISTANCE);
}
