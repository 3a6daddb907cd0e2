/** P005: a bullet whose name is nearly that of a field. */
import { FIELD_NAMES } from '../../parse/fields.ts';
import { looseName } from '../../parse/field-line.ts';
import type { PlanTask } from '../../types.ts';
import type { Finding, Rule } from '../rule.ts';
import { closest } from '../../suggest.ts';

const MAX_DISTANCE = 2;

export const misspelledField: Rule = {
  code: 'P005',
  severity: 'error',
  check: ({ plan }) => plan.tasks.flatMap(misspelledIn),
};

function misspelledIn(task: PlanTask): Finding[] {
  const fields = task.unknownFields.map(({ name, nameAt }) => ({ name, at: nameAt }));
  const bullets = task.strayLines.map(({ text, at }) => ({ name: looseName(text), at }));
  return [...fields, ...bullets].flatMap(({ name, at }) => {
    const guess = fieldMeantBy(name);
    if (guess === undefined) return [];
    return [{ at, message: `unknown field "${name}"`, help: `did you mean "${guess}"? write - **${guess}**: …` }];
  });
}

/** The field that a name nearly is. */
export function fieldMeantBy(name: string | undefined): string | undefined {
  return name === undefined ? undefined : closest(name, FIELD_NAMES, MAX_DISTANCE);
}
