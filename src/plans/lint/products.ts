/** Which task makes which file, and which tasks come before which. */
import type { LintSubject } from './rule.ts';

/** Steps over edges for the whole plan: beyond it rules keep silent rather than take seconds. */
const BUDGET = 2_000_000;

/** The ids of the tasks that produce a path, by the path. */
export function producersOf({ plan }: LintSubject): Map<string, Set<string>> {
  const producers = new Map<string, Set<string>>();
  for (const { id, fields } of plan.tasks) {
    for (const path of fields.produces?.value ?? []) {
      const makers = producers.get(normalPath(path)) ?? new Set();
      producers.set(normalPath(path), makers.add(id));
    }
  }
  return producers;
}

const BATCH = '{BATCH_PATH}/';

/** Relative paths resolve in the batch folder. */
export function normalPath(path: string): string {
  const relative = path.startsWith(BATCH) ? path.slice(BATCH.length) : path;
  return relative.startsWith('./') ? relative.slice(2) : relative;
}

interface Budget {
  left: number;
}

export function fullBudget(): Budget {
  return { left: BUDGET };
}

/** True when one of `makers` is the task itself or comes before it; also when the budget is spent. */
export function isUpstream({ byId }: LintSubject, from: string, makers: ReadonlySet<string>, budget: Budget): boolean {
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
