/** Reads every text of a plan's tasks once: its placeholders with their places, how bash reads them, unclosed quotes. */
import type { ResolvedPlan } from '../meaning/resolve-plan.ts';
import type { ResolvedTask } from '../meaning/resolve-task.ts';
import { PLAIN_FIELDS, textsOf } from '../meaning/task-texts.ts';
import type { TaskText } from '../meaning/task-texts.ts';
import { placementOf, readCommand } from '../shell/substitute-command.ts';
import type { Placement, ReadCommand } from '../shell/substitute-command.ts';
import { placeIn } from '../span.ts';
import type { Span, TaskFieldName } from '../types.ts';
import { findPlaceholders } from '../variables/placeholders.ts';
import type { DeclaredNames, Placeholder } from '../variables/placeholders.ts';

export interface PlaceholderUse {
  /** Absent in a goal. */
  readonly task?: ResolvedTask;
  readonly text: TaskText;
  readonly placeholder: Placeholder;
  /** Only in bash. */
  readonly placement: Placement | undefined;
}

export interface TextReading {
  readonly uses: readonly PlaceholderUse[];
  /** The first unclosed quote of each command that has one. */
  readonly unclosed: readonly { readonly at: Span; readonly message: string }[];
}

/** Without one of these nothing can be left open. */
const OPENS = /["'`($\\]/;

/** `usedFields` are those that some task has. */
export function readTexts(
  { tasks, goal }: ResolvedPlan,
  declared: DeclaredNames,
  usedFields: ReadonlySet<TaskFieldName>,
): TextReading {
  const plainFields = PLAIN_FIELDS.filter((name) => usedFields.has(name));
  const uses: PlaceholderUse[] = [];
  const unclosed: { at: Span; message: string }[] = [];
  for (const task of tasks) {
    for (const text of textsOf(task, plainFields)) {
      const { source } = text;
      const placeholders = findPlaceholders(source.text, declared);
      const matters = placeholders.length > 0 || OPENS.test(source.text);
      const command = text.reader === 'bash' && matters ? readCommand(source.text) : undefined;
      for (const placeholder of placeholders) uses.push(useOf(task, text, placeholder, command));
      const problem = command?.scan.problems[0];
      if (problem === undefined) continue;
      unclosed.push({ at: placeIn(source, problem.offset, problem.offset + 1), message: problem.message });
    }
  }
  for (const text of goal?.texts ?? []) {
    for (const placeholder of findPlaceholders(text.source.text, declared)) {
      uses.push({ text, placeholder, placement: undefined });
    }
  }
  return { uses, unclosed };
}

function useOf(
  task: ResolvedTask,
  text: TaskText,
  placeholder: Placeholder,
  command: ReadCommand | undefined,
): PlaceholderUse {
  return { task, text, placeholder, placement: command === undefined ? undefined : placementOf(command, placeholder) };
}

/** Where a placeholder stands; worked out only for those that are told of. */
export function placeOf({ text, placeholder }: PlaceholderUse): Span {
  return placeIn(text.source, placeholder.start, placeholder.end);
}
