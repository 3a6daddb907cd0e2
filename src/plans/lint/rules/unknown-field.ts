/** P006: a bullet of a task that is no field; a warning, since old plans keep notes there. */
import { looseName } from '../../parse/field-line.ts';
import type { PlanTask } from '../../types.ts';
import type { Finding, Rule } from '../rule.ts';
import { fieldMeantBy } from './misspelled-field.ts';

const HELP = 'fields are written - **field**: value; move notes out of bullets to silence this';

export const unknownField: Rule = {
  code: 'P006',
  severity: 'warning',
  check: ({ plan }) => plan.tasks.flatMap(unknownIn),
};

function unknownIn(task: PlanTask): Finding[] {
  const fields = task.unknownFields
    .filter(({ name }) => fieldMeantBy(name) === undefined)
    .map(({ name, nameAt }) => ({ at: nameAt, message: `"${name}" is no field and has no effect`, help: HELP }));
  const bullets = task.strayLines
    .filter(({ text }) => fieldMeantBy(looseName(text)) === undefined)
    .map(({ at }) => ({ at, message: 'this bullet is no field and has no effect', help: HELP }));
  return [...fields, ...bullets];
}
