/** Collects every placeholder of a plan's task texts with its place and, in commands, how bash will read it. */
import type { ResolvedTask } from '../meaning/resolve-plan.ts';
import { placeIn } from '../meaning/task-texts.ts';
import type { TaskText } from '../meaning/task-texts.ts';
import { placementOf, readCommand } from '../shell/substitute-command.ts';
import type { Placement } from '../shell/substitute-command.ts';
import type { ShellProblem } from '../shell/scan.ts';
import type { Span } from '../types.ts';
import { findPlaceholders } from '../variables/placeholders.ts';
import type { DeclaredNames, Placeholder } from '../variables/placeholders.ts';

export interface PlaceholderUse {
  readonly task: ResolvedTask;
  readonly text: TaskText;
  readonly placeholder: Placeholder;
  readonly at: Span;
  /** Only in bash. */
  readonly placement?: Placement;
}

export function placeholderUses(tasks: readonly ResolvedTask[], declared: DeclaredNames): PlaceholderUse[] {
  return tasks.flatMap((task) => task.texts.flatMap((text) => usesIn(task, text, declared)));
}

function usesIn(task: ResolvedTask, text: TaskText, declared: DeclaredNames): PlaceholderUse[] {
  const placeholders = findPlaceholders(text.source.text, declared);
  if (placeholders.length === 0) return [];
  const command = text.reader === 'bash' ? readCommand(text.source.text) : undefined;
  return placeholders.map((placeholder) => ({
    task,
    text,
    placeholder,
    at: placeIn(text.source, placeholder.start, placeholder.end),
    ...(command === undefined ? {} : { placement: placementOf(command, placeholder) }),
  }));
}

/** The first unclosed quote of a task's command. */
export function shellProblem({ program }: ResolvedTask): { problem: ShellProblem; at: Span } | undefined {
  if (program === undefined || program.language !== 'bash') return undefined;
  const problem = readCommand(program.source.text).scan.problems[0];
  if (problem === undefined) return undefined;
  return { problem, at: placeIn(program.source, problem.offset, problem.offset + 1) };
}
