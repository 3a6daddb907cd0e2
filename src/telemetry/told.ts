/** What telemetry hears of: requests that ended or were turned away, and facts. No behaviour. */

import type { AppError, Fact } from '../contract/index.ts';
import type { RequestRecord } from '../gateway/index.ts';

export type Told =
  | { readonly kind: 'request-ended'; readonly record: RequestRecord }
  /** Turned away before it was understood. */
  | { readonly kind: 'request-refused'; readonly error: AppError }
  /** Instances made room, and what they made it for is loaded. */
  | { readonly kind: 'model-swapped'; readonly victims: readonly string[]; readonly wanted: string }
  | { readonly kind: 'fact'; readonly fact: Fact };

/** Quick: some of it stands in the way of a request. */
export type Listener = (told: Told) => void;
