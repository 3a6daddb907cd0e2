/** P040: an input that nothing uses; often a misspelt placeholder. */
import { BATCH_SETTINGS } from '../../meaning/variables.ts';
import { RESERVED_NAMES } from '../../variables/placeholders.ts';
import { didYouMean } from '../../suggest.ts';
import type { Rule } from '../rule.ts';

const TOP = { line: 1, column: 1, endColumn: 2 };

export const unusedInput: Rule = {
  code: 'P040',
  severity: 'warning',
  check: ({ plan, uses, tasks, context }) => {
    const used = new Set([...uses.map(({ placeholder }) => placeholder.root), ...RESERVED_NAMES, ...BATCH_SETTINGS]);
    const isUsed = (name: string): boolean =>
      used.has(name) || tasks.some(({ program }) => program?.source.text.includes(`DROVER_INPUT_${name}`) === true);
    const inputs = plan.inputs
      .filter(({ name }) => !isUsed(name))
      .map(({ name, nameAt }) => ({
        at: nameAt,
        message: `input ${name} is not used`,
        help: `use {${name}} or remove it`,
      }));
    const names = new Set(plan.inputs.map(({ name }) => name));
    const extra = Object.keys(context.config ?? {})
      .filter((name) => !names.has(name) && !isUsed(name))
      .map((name) => ({
        at: TOP,
        message: `config key ${name} is not used`,
        ...didYouMean(name, names, 'check its spelling against ## Inputs'),
      }));
    return [...inputs, ...extra];
  },
};
