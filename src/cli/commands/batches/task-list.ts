/** How many tasks a command lists: a screenful or two for people, all for programs, or as its flags say. */

import type { TaskView } from '../../../contract/tasks.ts';

export interface ListLength {
  readonly limit?: number;
  readonly all: boolean;
  readonly json: boolean;
}

/** Tasks that people are shown unasked. */
const SHOWN = 100;

export function lengthOf({ limit, all, json }: ListLength): number {
  return limit ?? (all || json ? Infinity : SHOWN);
}

interface Cut<T extends TaskView> {
  readonly shown: readonly T[];
  readonly isCut: boolean;
}

/** The first of these; one more than that must have been asked for. */
export function cutTo<T extends TaskView>(tasks: readonly T[], length: number): Cut<T> {
  return { shown: tasks.slice(0, length), isCut: tasks.length > length };
}

interface Shortened {
  readonly shown: number;
  readonly total?: number;
  /** Whose tasks they are, when they are of one. */
  readonly batch: string | undefined;
}

/** What is said below a list that is not all. */
export function moreHint({ shown, total, batch }: Shortened): string {
  const of = total === undefined ? '' : ` of ${total}`;
  const list = `drover task ls${batch === undefined ? '' : ` --batch ${batch}`}`;
  return `the first ${shown}${of} are shown; "${list} --all" shows all, --limit N so many, --state failed only those`;
}
