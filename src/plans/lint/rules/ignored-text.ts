/** P014: text beside a command's back-ticks, and blocks that are not the body, have no effect. */
import { runsCommand } from '../../meaning/resolve-task.ts';
import type { ResolvedTask } from '../../meaning/resolve-task.ts';
import type { Finding, Rule } from '../rule.ts';

export const ignoredText: Rule = {
  code: 'P014',
  severity: 'warning',
  check: ({ tasks }) => tasks.flatMap(ignoredIn),
};

function ignoredIn({ task, type }: ResolvedTask): Finding[] {
  const besides = task.ignoredText.map((at) => ({
    at,
    message: 'this text stands outside the back-ticks of the command and is ignored',
    help: 'put the whole command between the back-ticks, or in a fenced bash block',
  }));
  const unused = runsCommand(type) && task.fields.command !== undefined && task.body !== undefined ? [task.body] : [];
  const bodies = [...unused, ...task.furtherBodies].map(({ at }) => ({
    at,
    message: 'this block is not run: a task has one command or one block',
    help: 'make it a task of its own, or remove the command',
  }));
  return [...besides, ...bodies];
}
