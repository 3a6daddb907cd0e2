/** Work that is done and not yet judged. */

import type { AttemptEnd } from '../../store/index.ts';
import type { Trace } from '../tasks/task-codec.ts';

/** How the work of an attempt ended, kept until its judgement. */
export interface DoneWork {
  readonly end: AttemptEnd;
  readonly trace: Trace;
}
