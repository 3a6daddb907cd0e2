/** P080: a command that this host would refuse, or lacks something for. Silent where no host is at hand. */
import type { ResolvedTask } from '../../meaning/resolve-task.ts';
import { spanOf } from '../../span.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';

export const refusedByHost: Rule = {
  code: 'P080',
  severity: 'warning',
  check: ({ tasks, context: { host } }) => (host === undefined ? [] : tasks.flatMap((task) => wordsOn(task, host))),
};

function wordsOn({ task, program, executor }: ResolvedTask, host: NonNullable<LintContext['host']>): Finding[] {
  if (program?.language !== 'bash') return [];
  const planned = { text: program.source.text, executor, sandbox: task.fields.sandbox?.value ?? 'none' };
  const help = 'change the command, or the policy of its executor: docs/permissions.md';
  return host(planned).map((message) => ({ at: spanOf(program.source), message, help }));
}
