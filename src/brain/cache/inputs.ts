/** What a task with `cache: inputs` is made of, by name; the key of that, and what of it has changed. It computes only. */

import { hash } from 'node:crypto';

/** Hashes by what they are of: `command`, `item`, a path. */
export type Inputs = Readonly<Record<string, string>>;

export function hashOf(text: string): string {
  return hash('sha256', text);
}

/** Names a task of a plan with its inputs. */
export function keyOf(planPath: string, task: string, inputs: Inputs): string {
  const sorted = Object.entries(inputs).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return hashOf(JSON.stringify([planPath, task, sorted]));
}

const MOST_NAMED = 3;

/** Of several runs, the latest first, the one of which the least has changed; undefined when there is none. */
export function nearestTo(now: Inputs, runs: readonly Inputs[]): Inputs | undefined {
  return runs.toSorted((a, b) => changedNames(a, now).length - changedNames(b, now).length)[0];
}

/** What is not as it was, in a few words; null when nothing is. */
export function changedOf(before: Inputs, now: Inputs): string | null {
  const changed = changedNames(before, now);
  if (changed.length === 0) return null;
  const named = changed.slice(0, MOST_NAMED).join(', ');
  const more = changed.length - MOST_NAMED;
  return `${more > 0 ? `${named} and ${more} more` : named} changed`;
}

function changedNames(before: Inputs, now: Inputs): readonly string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return names.filter((name) => before[name] !== now[name]);
}
