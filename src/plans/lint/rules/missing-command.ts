/** P023: a task with nothing to run or to ask. */
import { runsCommand } from '../../meaning/resolve-task.ts';
import type { ResolvedTask } from '../../meaning/resolve-task.ts';
import type { Finding, Rule } from '../rule.ts';
import { fieldMeantBy } from './misspelled-field.ts';

export const missingCommand: Rule = {
  code: 'P023',
  severity: 'error',
  check: ({ tasks }) => tasks.flatMap(missingIn),
};

function missingIn({ task, type, program, prompt }: ResolvedTask): Finding[] {
  const asks = !runsCommand(type);
  const text = asks ? prompt?.text : program?.source.text;
  if (text !== undefined && text.trim() !== '') return [];
  // An unreadable command, or a misspelled one, is told of already.
  if (task.badFields.some(({ name }) => name === 'command')) return [];
  if (task.unknownFields.some(({ name }) => fieldMeantBy(name, ['command']) !== undefined)) return [];
  if (asks) {
    const help = 'put the prompt in a fenced block below the fields';
    return [{ at: task.idAt, message: `"${task.id}" is of type ${type} and has no prompt`, help }];
  }
  const help =
    type === 'meta'
      ? 'write - **command**: load_llm, or unload_llm'
      : 'write - **command**: `…`, or a fenced bash block; a prompt needs - **type**: generate';
  return [{ at: task.idAt, message: `"${task.id}" has no command`, help }];
}
