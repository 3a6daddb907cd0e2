/** P024: a field that means nothing for the task's type. */
import { FIELD_NAMES, FIELD_SPECS, isFieldName } from '../../parse/fields.ts';
import type { ResolvedTask } from '../../meaning/resolve-task.ts';
import { nameSpan } from '../../span.ts';
import type { TaskFieldName } from '../../types.ts';
import type { Finding, Rule } from '../rule.ts';

export const fieldForType: Rule = {
  code: 'P024',
  severity: 'error',
  check: ({ tasks, usedFields }) => (isUsual(usedFields) ? [] : tasks.flatMap(misappliedIn)),
};

/** Nothing but commands, and no field that they may not have. */
function isUsual(used: ReadonlySet<TaskFieldName>): boolean {
  return !used.has('type') && [...used].every((name) => FIELD_SPECS[name].types.includes('shell'));
}

function misappliedIn({ task, type }: ResolvedTask): Finding[] {
  const findings: Finding[] = [];
  for (const name in task.fields) {
    const field = isFieldName(name) ? task.fields[name] : undefined;
    if (field === undefined || !isFieldName(name) || FIELD_SPECS[name].types.includes(type)) continue;
    const message = `${name} is not valid for a ${type} task`;
    findings.push({ at: nameSpan(name, field), message, help: helpFor(name, type) });
  }
  return findings;
}

function helpFor(name: keyof typeof FIELD_SPECS, type: ResolvedTask['type']): string {
  if (name === 'command') return 'remove it and put the prompt in a fenced block, or use - **type**: shell';
  const others = FIELD_SPECS[name].types.join(', ');
  const known = FIELD_NAMES.includes(name) ? `${name} belongs to ${others}` : '';
  return `${known}; remove it or change the type from ${type}`;
}
