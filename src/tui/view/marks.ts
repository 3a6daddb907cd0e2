/** What is notable about an instance, in few words. Pure. */

import type { InstanceView } from '../../contract/instance-views.ts';

/** Something is to be done or to be known before one relies on it; told by `*` where there is no room for notes. */
export function isNotable({ orphan, draining, needs_restart: needsRestart }: InstanceView): boolean {
  return orphan || draining || needsRestart;
}

/** The urgent first: a note is cut at its end. */
export function marksOf(instance: InstanceView): string {
  const { orphan, needs_restart: needsRestart, draining, ephemeral, pinned, restarts, reason, tags } = instance;
  const marks = [
    ...(orphan ? ['orphan'] : []),
    ...(draining ? ['draining'] : []),
    ...(needsRestart ? ['needs restart'] : []),
    ...(reason === null ? [] : [reason]),
    ...(restarts > 0 ? [`restarts ${restarts}`] : []),
    ...(ephemeral ? ['ephemeral'] : []),
    ...(pinned ? ['pinned'] : []),
    ...tags.map((tag) => `#${tag}`),
  ];
  return marks.join(', ');
}
