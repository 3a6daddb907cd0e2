/** P028: tasks without a timeout; one finding for the whole plan, since most old plans have none. */
import type { Rule } from '../rule.ts';

const NAMED = 3;

export const noTimeout: Rule = {
  code: 'P028',
  severity: 'warning',
  check: ({ plan }) => {
    if (plan.defaults.timeout !== undefined) return [];
    const without = plan.tasks.filter((task) => task.fields.timeout === undefined);
    const [first] = without;
    if (first === undefined) return [];
    const names = without.slice(0, NAMED).map(({ id }) => id);
    const more = without.length > NAMED ? ` and ${without.length - NAMED} more` : '';
    const message = `no timeout: ${names.join(', ')}${more} may run for 30 minutes each`;
    return [{ at: first.idAt, message, help: 'write - **timeout**: 10m, or timeout: 10m in the front matter' }];
  },
};
