/** P054: a secret whose name the plan gives a value, which would hide the one or the other. */
import { spanOf } from '../../span.ts';
import { tasksWith } from '../rule.ts';
import type { Rule } from '../rule.ts';

export const secretInEnv: Rule = {
  code: 'P054',
  severity: 'error',
  check: (subject) =>
    tasksWith(subject, 'secrets').flatMap(({ task: { fields } }) => {
      const { secrets, env } = fields;
      if (secrets === undefined) return [];
      const given = { ...subject.plan.defaults.env, ...env?.value };
      return secrets.value
        .filter((name) => Object.hasOwn(given, name))
        .map((name) => ({
          at: spanOf(secrets.source),
          message: `${name} is a secret, and env gives it a value as well`,
          help: `remove ${name} from env`,
        }));
    }),
};
