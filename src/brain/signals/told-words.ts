/** What an attempt that still runs was told, in words for people. Pure. */

import { assertNever } from '../../kernel/index.ts';
import type { Told } from '../known.ts';

/** Null when it was told nothing. */
export function toldWords(told: Told | null): string | null {
  if (told === null) return null;
  const why = told.cause === 'person' ? 'by a person' : 'for its silence (stuck_after)';
  switch (told.level) {
    case 'stop':
      return `finishes, and has no further try: it was stopped ${why}`;
    case 'abort':
      return `was told to end ${why}; what stays after 5 s is killed`;
    case 'kill':
      return `was killed ${why}, and is not gone yet`;
    case 'manual':
      return 'does not end, not even by SIGKILL: its device is quarantined';
    default:
      return assertNever(told.level);
  }
}
