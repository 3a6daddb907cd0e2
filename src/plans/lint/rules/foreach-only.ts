/** P048: fields that speak of items, on a task that has none. */
import type { ResolvedTask } from '../../meaning/resolve-task.ts';
import { nameSpan } from '../../span.ts';
import { tasksWith } from '../rule.ts';
import type { Finding, Rule } from '../rule.ts';

const FIELDS = ['batch_size', 'tolerance'] as const;

export const foreachOnly: Rule = {
  code: 'P048',
  severity: 'error',
  check: (subject) => tasksWith(subject, ...FIELDS).flatMap(misplacedIn),
};

function misplacedIn({ task: { fields, badFields } }: ResolvedTask): Finding[] {
  if (fields.foreach !== undefined || badFields.some(({ name }) => name === 'foreach')) return [];
  return FIELDS.flatMap((name) => {
    const field = fields[name];
    if (field === undefined) return [];
    const message = `${name} speaks of items, and this task has no foreach`;
    return [{ at: nameSpan(name, field), message, help: 'add - **foreach**: FILE:dotted.path, or remove it' }];
  });
}
