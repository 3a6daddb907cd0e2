/** How an attempt ended that failed, as it was reported or found out. */

import type { FailureClass } from '../../contract/index.ts';
import type { AttemptEnd } from '../../store/index.ts';

export interface FailedAttempt extends Omit<AttemptEnd, 'result'> {
  readonly class: FailureClass;
  readonly reason: string;
}
