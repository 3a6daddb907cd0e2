/** What durable requests need of the rest of the controller. */

import type { Clock, Log, Random } from '../../kernel/index.ts';
import type { Store } from '../../store/index.ts';
import type { Gateway } from '../gateway.ts';

export interface DurableDeps {
  readonly gateway: Pick<Gateway, 'relay' | 'waitOf' | 'sleeperOf'>;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Whether the files of a model of the catalogue are there. */
  readonly isDownloaded: (model: string) => boolean;
  /** Days for which those that have ended are kept. */
  readonly keepDays: () => number;
}
