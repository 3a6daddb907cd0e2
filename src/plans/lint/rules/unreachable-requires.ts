/** P041: a required file that another task produces, without waiting for that task. */
import { spanOf } from '../../span.ts';
import { fullBudget, isUpstream, normalPath, producersOf } from '../products.ts';
import { tasksWith } from '../rule.ts';
import type { Finding, Rule } from '../rule.ts';

export const unreachableRequires: Rule = {
  code: 'P041',
  severity: 'warning',
  check: (subject) => {
    const requiring = tasksWith(subject, 'requires');
    if (requiring.length === 0) return [];
    const producers = producersOf(subject);
    const budget = fullBudget();
    return requiring.flatMap(({ task }): Finding[] => {
      const { requires } = task.fields;
      if (requires === undefined) return [];
      return requires.value.flatMap((path) => {
        const makers = producers.get(normalPath(path));
        if (makers === undefined || isUpstream(subject, task.id, makers, budget)) return [];
        const [maker = ''] = makers;
        const message = `requires ${path}, which "${maker}" produces, but does not wait for it`;
        return [{ at: spanOf(requires.source), message, help: `add ${maker} to depends_on` }];
      });
    });
  },
};
