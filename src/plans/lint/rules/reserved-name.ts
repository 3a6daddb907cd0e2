/** P031: built-in names cannot be given another value. */
import { RESERVED_NAMES } from '../../variables/placeholders.ts';
import type { Rule } from '../rule.ts';

const TOP = { line: 1, column: 1, endColumn: 2 };

export const reservedName: Rule = {
  code: 'P031',
  severity: 'error',
  check: ({ plan, context }) => {
    const declared = plan.inputs
      .filter((input) => RESERVED_NAMES.has(input.name) && input.default !== undefined)
      .map(({ name, nameAt }) => ({
        at: nameAt,
        message: `${name} is built in and has no default`,
        help: 'rename the input',
      }));
    const given = Object.keys(context.config ?? {})
      .filter((name) => RESERVED_NAMES.has(name))
      .map((name) => ({
        at: TOP,
        message: `${name} is built in and cannot be set`,
        help: `remove ${name} from the config`,
      }));
    return [...declared, ...given];
  },
};
