/** P049: an edge or a condition per item where one side has no task for each item. */
import type { ResolvedDependency, ResolvedTask } from '../../meaning/resolve-task.ts';
import type { PlanTask } from '../../types.ts';
import type { Finding, LintSubject, Rule } from '../rule.ts';

export const unpairedItems: Rule = {
  code: 'P049',
  severity: 'error',
  check: (subject) => subject.tasks.flatMap((task) => unpairedIn(task, subject)),
};

function unpairedIn(resolved: ResolvedTask, { byId }: LintSubject): Finding[] {
  const { task, dependencies, condition } = resolved;
  // Without a list of its own it is P033.
  if (!isTemplate(task)) return [];
  const edges = dependencies.flatMap((dependency) => {
    const target = dependency.perItem ? byId.get(dependency.target ?? '')?.task : undefined;
    return target === undefined ? [] : unpaired(dependency, target);
  });
  if (condition?.perItem === undefined || !takesGroups(task)) return edges;
  const message = `each item has a condition of its own, and "${task.id}" takes its items in groups`;
  return [...edges, { at: condition.at, message, help: 'remove batch_size' }];
}

function unpaired({ ref }: ResolvedDependency, target: PlanTask): Finding[] {
  const help = `write ${target.id} to wait for all of it`;
  if (!isTemplate(target)) {
    return [{ at: ref.at, message: `"${ref.on}" means an item of "${target.id}", which has no foreach`, help }];
  }
  if (!takesGroups(target)) return [];
  return [
    { at: ref.at, message: `"${ref.on}" means an item of "${target.id}", which takes its items in groups`, help },
  ];
}

function isTemplate({ fields, badFields }: PlanTask): boolean {
  return fields.foreach !== undefined || badFields.some(({ name }) => name === 'foreach');
}

function takesGroups({ fields }: PlanTask): boolean {
  return (fields.batch_size?.value ?? 1) > 1;
}
