/** P045: a command that runs a script of the plan folder which is not there. Silent when the folder is not at hand. */
import type { ResolvedTask } from '../../meaning/resolve-task.ts';
import { placeIn } from '../../span.ts';
import type { Finding, Rule } from '../rule.ts';
import { didYouMean } from '../../suggest.ts';

const SCRIPT = /\{PLAN_PATH\}\/((?:scripts|lib)\/[A-Za-z0-9._/-]+)/g;

export const missingScript: Rule = {
  code: 'P045',
  severity: 'warning',
  check: ({ tasks, context }) => {
    const { files } = context;
    if (files === undefined) return [];
    const known = new Set(files);
    return tasks.flatMap((task) => missingIn(task, known));
  },
};

function missingIn({ program }: ResolvedTask, known: ReadonlySet<string>): Finding[] {
  if (program?.source.text.includes('{PLAN_PATH}/') !== true) return [];
  return [...program.source.text.matchAll(SCRIPT)].flatMap((match) => {
    const path = match[1] ?? '';
    if (known.has(path)) return [];
    const at = placeIn(program.source, match.index, match.index + match[0].length);
    return [
      {
        at,
        message: `${path} is not in the plan folder`,
        ...didYouMean(path, known, 'add the file to the plan folder'),
      },
    ];
  });
}
