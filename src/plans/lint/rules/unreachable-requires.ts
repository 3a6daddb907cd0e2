/** P041: a required file that another task produces, without waiting for that task. */
import { spanOf } from '../../span.ts';
import type { Finding, LintSubject, Rule } from '../rule.ts';

/** Steps over edges for the whole plan: beyond it the rule keeps silent rather than take seconds. */
const BUDGET = 2_000_000;

export const unreachableRequires: Rule = {
  code: 'P041',
  severity: 'warning',
  check: (subject) => {
    const producers = producersOf(subject);
    const budget = { left: BUDGET };
    return subject.tasks.flatMap(({ task }): Finding[] => {
      const { requires } = task.fields;
      if (requires === undefined) return [];
      return requires.value.flatMap((path) => {
        const makers = producers.get(normal(path));
        if (makers === undefined || isUpstream(subject, task.id, makers, budget)) return [];
        const [maker = ''] = makers;
        const message = `requires ${path}, which "${maker}" produces, but does not wait for it`;
        return [{ at: spanOf(requires.source), message, help: `add ${maker} to depends_on` }];
      });
    });
  },
};

function producersOf({ plan }: LintSubject): Map<string, Set<string>> {
  const producers = new Map<string, Set<string>>();
  for (const { id, fields } of plan.tasks) {
    for (const path of fields.produces?.value ?? []) {
      const makers = producers.get(normal(path)) ?? new Set();
      producers.set(normal(path), makers.add(id));
    }
  }
  return producers;
}

/** Relative paths resolve in the batch folder. */
function normal(path: string): string {
  return path.replace(/^\{BATCH_PATH\}\//, '').replace(/^\.\//, '');
}

function isUpstream(
  { byId }: LintSubject,
  from: string,
  makers: ReadonlySet<string>,
  budget: { left: number },
): boolean {
  const seen = new Set([from]);
  const queue = [from];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (makers.has(id)) return true;
    for (const { target } of byId.get(id)?.dependencies ?? []) {
      budget.left -= 1;
      if (target === undefined || seen.has(target)) continue;
      seen.add(target);
      queue.push(target);
    }
    if (budget.left <= 0) return true;
  }
  return false;
}
