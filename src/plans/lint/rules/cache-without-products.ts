/** P050: a cache with nothing to keep: whether a task need not run again is told by what it produced. */
import { nameSpan } from '../../span.ts';
import { tasksWith } from '../rule.ts';
import type { Rule } from '../rule.ts';

export const cacheWithoutProducts: Rule = {
  code: 'P050',
  severity: 'warning',
  check: (subject) =>
    tasksWith(subject, 'cache').flatMap(({ task: { fields } }) => {
      const { cache, produces } = fields;
      if (cache?.value !== 'inputs' || (produces?.value.length ?? 0) > 0) return [];
      const message = 'cache: inputs without produces: there is no product to keep, so the task always runs';
      return [{ at: nameSpan('cache', cache), message, help: 'write - **produces**: the files that it makes' }];
    }),
};
