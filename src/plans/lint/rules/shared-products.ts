/** P064 to P066: files that several tasks, or all items of a task, would write over each other, and those that nobody writes. */
import { asks } from '../../meaning/model.ts';
import { spanOf } from '../../span.ts';
import { findPlaceholders, ITEM_NAMES } from '../../variables/placeholders.ts';
import { fullBudget, isUpstream, normalPath } from '../products.ts';
import { tasksWith } from '../rule.ts';
import type { Finding, Rule } from '../rule.ts';

export const sharedProduct: Rule = {
  code: 'P064',
  severity: 'warning',
  check: (subject) => {
    const first = new Map<string, string>();
    const budget = fullBudget();
    return tasksWith(subject, 'produces').flatMap(({ task }): Finding[] => {
      const { produces } = task.fields;
      if (produces === undefined) return [];
      return produces.value.flatMap((path) => {
        const file = normalPath(path);
        const maker = first.get(file);
        if (maker === undefined) first.set(file, task.id);
        if (maker === undefined || maker === task.id) return [];
        // One after the other they may well work on one file.
        if (isUpstream(subject, task.id, new Set([maker]), budget)) return [];
        if (isUpstream(subject, maker, new Set([task.id]), budget)) return [];
        const message = `"${maker}" produces ${path} too, and may run at the same time`;
        return [{ at: spanOf(produces.source), message, help: `name another file, or add ${maker} to depends_on` }];
      });
    });
  },
};

export const itemsShareProduct: Rule = {
  code: 'P065',
  severity: 'warning',
  check: (subject) =>
    tasksWith(subject, 'foreach').flatMap(({ task }): Finding[] => {
      const { produces } = task.fields;
      if (produces === undefined) return [];
      const shared = produces.value.filter((path) => !namesItem(path));
      return shared.map((path) => ({
        at: spanOf(produces.source),
        message: `every item of "${task.id}" produces ${path}`,
        help: 'name the item in it, e.g. output/{ITEM_KEY}.txt',
      }));
    }),
};

export const severalProducts: Rule = {
  code: 'P066',
  severity: 'error',
  check: (subject) =>
    tasksWith(subject, 'produces').flatMap(({ type, task: { id, fields } }): Finding[] => {
      const { produces } = fields;
      if (produces === undefined || produces.value.length < 2 || !asks(type)) return [];
      const message = `the answer of "${id}" is one file, and this names ${produces.value.length}`;
      const help = `write - **produces**: ${produces.value[0] ?? ''}, and let a command make the others of it`;
      return [{ at: spanOf(produces.source), message, help }];
    }),
};

function namesItem(path: string): boolean {
  return findPlaceholders(path, ITEM_NAMES).some(({ root }) => ITEM_NAMES.has(root));
}
