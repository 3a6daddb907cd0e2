/** P020: a dependency, or the task of a `when`, that no task of the plan has as its id. */
import { tasksWith } from '../rule.ts';
import type { Finding, LintSubject, Rule } from '../rule.ts';
import { didYouMean } from '../../suggest.ts';

/** Comparing every unknown name with 100,000 ids would take minutes. */
const MAX_SUGGESTIONS = 25;

export const unknownDependency: Rule = {
  code: 'P020',
  severity: 'error',
  check: (subject) => {
    const unknown = [...unknownDependencies(subject), ...unknownConditions(subject)];
    return unknown.map(({ name, at, message }, index) => {
      const candidates = index < MAX_SUGGESTIONS ? subject.byId.keys() : [];
      return { at, message, ...didYouMean(name, candidates, 'name a task of this plan, or none') };
    });
  },
};

interface Unknown extends Finding {
  readonly name: string;
}

function unknownDependencies({ tasks }: LintSubject): Unknown[] {
  return tasks.flatMap(({ dependencies }) =>
    dependencies
      .filter(({ target }) => target === undefined)
      .map(({ ref }) => ({ name: ref.on, at: ref.at, message: `unknown dependency "${ref.on}"` })),
  );
}

function unknownConditions(subject: LintSubject): Unknown[] {
  return tasksWith(subject, 'when').flatMap(({ condition }) => {
    if (condition === undefined || condition.target !== undefined) return [];
    const { task: name } = condition.clause;
    return [{ name, at: condition.at, message: `unknown task "${name}" in when` }];
  });
}
