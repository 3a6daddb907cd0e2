/** P001: a plan without tasks is never a success. */
import type { Rule } from '../rule.ts';

export const noTasks: Rule = {
  code: 'P001',
  severity: 'error',
  check: ({ plan }) => {
    if (plan.tasks.length > 0) return [];
    const section = plan.sections.find(({ title }) => title.toLowerCase() === 'tasks');
    const at = section?.at ?? { line: 1, column: 1, endColumn: 2 };
    const help = 'tasks are `### id` headings under `## Tasks`';
    return [{ at, message: 'the plan has no tasks', help }];
  },
};
