/** P008: ids name folders, addresses and edges, so their characters are limited. */
import type { Rule } from '../rule.ts';

const ID = /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,127}$/;

export const invalidId: Rule = {
  code: 'P008',
  severity: 'error',
  check: ({ plan }) =>
    plan.tasks
      .filter((task) => !ID.test(task.id))
      .map((task) => ({
        at: task.idAt,
        message: task.id === '' ? 'a task heading has no id' : `"${shorten(task.id)}" is no task id`,
        help: `write ### ${suggestion(task.id)}: letters, digits, space, dot, _ and -, starting with a letter or digit, at most 128`,
      })),
};

function shorten(id: string): string {
  return id.length > 60 ? `${id.slice(0, 57)}…` : id;
}

function suggestion(id: string): string {
  const slug = id
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 60)
    .replace(/_+$/, '');
  return slug === '' ? 'step_1' : slug;
}
