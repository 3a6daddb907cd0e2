/** P038: an input whose value does not fit its declared type. */
import { fitsType } from '../../meaning/variables.ts';
import type { Rule } from '../rule.ts';

export const inputType: Rule = {
  code: 'P038',
  severity: 'error',
  check: ({ plan, variables }) =>
    plan.inputs.flatMap(({ name, nameAt, type, default: fallback }) => {
      const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
      if (value === undefined || (value === '' && fallback === '') || fitsType(type, value)) return [];
      const help = `give another: --set ${name}=…, or mend the default`;
      return [{ at: nameAt, message: `input ${name} is no ${type}: "${value}"`, help }];
    }),
};
