/** P053: options that leave nothing to decide. */
import { spanOf } from '../../span.ts';
import { tasksWith } from '../rule.ts';
import type { Rule } from '../rule.ts';

export const options: Rule = {
  code: 'P053',
  severity: 'warning',
  check: (subject) =>
    tasksWith(subject, 'options').flatMap(({ type, task }) => {
      const field = task.fields.options;
      if (type !== 'decide' || field === undefined) return [];
      const distinct = new Set(field.value.map((option) => option.toLowerCase()));
      if (distinct.size === field.value.length && distinct.size > 1) return [];
      const message =
        distinct.size < 2 ? 'fewer than two options leave nothing to decide' : 'two of the options are the same';
      return [{ at: spanOf(field.source), message, help: 'write two or more, or none for an open question' }];
    }),
};
