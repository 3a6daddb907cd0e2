/** P032: at submit, an input that is used and has neither a value nor a default. */
import { inputsWithoutValue } from '../../meaning/variables.ts';
import { RESERVED_NAMES } from '../../variables/placeholders.ts';
import type { Rule } from '../rule.ts';

export const missingInput: Rule = {
  code: 'P032',
  severity: 'error',
  check: ({ plan, variables, context, uses }) => {
    if (context.config === undefined) return [];
    const used = new Set(uses.map(({ placeholder }) => placeholder.root));
    return inputsWithoutValue(plan, variables)
      .filter(({ name }) => used.has(name) && !RESERVED_NAMES.has(name))
      .map(({ name, nameAt }) => ({
        at: nameAt,
        message: `input ${name} has no value`,
        help: `give one: --set ${name}=…, or declare - **${name}** (string, default …)`,
      }));
  },
};
