/** P025: what this release reads but cannot run; better refused than silently left out. */
import { spanOf } from '../../span.ts';
import type { Finding, LintSubject, Rule } from '../rule.ts';

const RUNS = new Set(['shell', 'generate']);

export const unsupported: Rule = {
  code: 'P025',
  severity: 'error',
  check: (subject) => [...types(subject), ...conditions(subject), ...goals(subject)],
};

function types({ tasks }: LintSubject): Finding[] {
  return tasks
    .filter(({ type }) => !RUNS.has(type))
    .map(({ task, type }) => ({
      at: task.fields.type === undefined ? task.idAt : spanOf(task.fields.type.source),
      message: `type ${type} is not supported by this release`,
      help: 'this release runs shell and generate',
    }));
}

/** A condition names a decide task, so it stands and falls with that type. */
function conditions({ tasks, byId }: LintSubject): Finding[] {
  return tasks.flatMap(({ task }) => {
    const { when } = task.fields;
    const decider = when === undefined ? undefined : byId.get(when.value.task);
    if (when === undefined || decider === undefined || decider.type === 'decide') return [];
    const message = `when needs a decide task, and "${when.value.task}" is of type ${decider.type}`;
    return [{ at: spanOf(when.source), message, help: 'let the command itself decide, e.g. test … && …' }];
  });
}

function goals({ plan }: LintSubject): Finding[] {
  const { goalType } = plan;
  if (goalType === undefined) return [];
  const message = 'goal-driven plans are not supported by this release';
  return [
    { at: spanOf(goalType.source), message, help: 'remove the - **type**: line under ## Goal to run the tasks once' },
  ];
}
