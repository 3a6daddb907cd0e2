/** P006: a bullet that is no field; a warning, since old plans keep notes there. */
import { looseName } from '../../parse/field-line.ts';
import type { OddBlock } from '../field-blocks.ts';
import type { Finding, Rule } from '../rule.ts';
import { fieldMeantBy } from './misspelled-field.ts';

const HELP = 'fields are written - **field**: value; move notes out of bullets to silence this';

export const unknownField: Rule = {
  code: 'P006',
  severity: 'warning',
  check: ({ oddBlocks }) => oddBlocks.flatMap(unknownIn),
};

function unknownIn({ unknownFields, strayLines, names }: OddBlock): Finding[] {
  const fields = unknownFields
    .filter(({ name }) => fieldMeantBy(name, names) === undefined)
    .map(({ name, nameAt }) => ({ at: nameAt, message: `"${name}" is no field and has no effect`, help: HELP }));
  const bullets = strayLines
    .filter(({ text }) => fieldMeantBy(looseName(text), names) === undefined)
    .map(({ at }) => ({ at, message: 'this bullet is no field and has no effect', help: HELP }));
  return [...fields, ...bullets];
}
